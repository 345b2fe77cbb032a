using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Bindings;

/// <summary>Output bindings over HTTP.</summary>
internal static class BindingRoutes
{
    private static readonly string[] PostOrPut = ["POST", "PUT"];

    internal static void MapBindings(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, BindingSet bindings) =>
        routes.MapMethods("/v1.0/bindings/{name}", PostOrPut, (RequestDelegate)(context => InvokeAsync(context, sidecar, bindings)));

    private static async Task InvokeAsync(HttpContext context, VirtualSidecar sidecar, BindingSet bindings)
    {
        var name = RawPath.Rest(context, 2);
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        var wrong = Read(body.Bytes, out var operation, out var data, out var metadata);
        if (body.TooLarge) wrong = "stream too large";
        if (wrong is not null)
        {
            await Answer.Error(context, 400, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {wrong}").ConfigureAwait(false);
            return;
        }
        AddTrace(context, sidecar, metadata);
        await AnswerAsync(context, name, await bindings.InvokeAsync(name, operation, data, metadata, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, string name, BindingReply reply)
    {
        foreach (var (key, value) in reply.Metadata ?? new Dictionary<string, string>())
            if (Ascii.IsValid(key) && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')) context.Response.Headers["metadata." + key] = value;
        if (reply.Fault is { } fault) return Answer.Error(context, 500, "ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {name}: {fault}");
        return reply.Data is { } data ? Answer.Json(context, 200, data) : Answer.Empty(context);
    }

    private static string? Read(ReadOnlyMemory<byte> body, out string operation, out byte[] data, out Dictionary<string, string> metadata)
    {
        (operation, data, metadata) = ("", "null"u8.ToArray(), []);
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Null) return null;
            if (root.TryGetProperty("operation", out var named) && named.ValueKind != JsonValueKind.Null) operation = named.GetString()!;
            if (root.TryGetProperty("data", out var value)) data = GoJson.Rewrite(value);
            if (root.TryGetProperty("metadata", out var given) && given.ValueKind != JsonValueKind.Null)
                foreach (var member in given.EnumerateObject()) metadata[member.Name] = member.Value.GetString() ?? "";
            return null;
        }
        catch (JsonException fault)
        {
            return BreaksOff(body.Span) ? body.IsEmpty ? "EOF" : "unexpected EOF" : fault.Message;
        }
        catch (InvalidOperationException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Good JSON as far as it goes.</summary>
    private static bool BreaksOff(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
        try
        {
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void AddTrace(HttpContext context, VirtualSidecar sidecar, Dictionary<string, string> metadata)
    {
        if (Trace.Child(Trace.Of(context.Request.Headers), sidecar.Resources.Configuration.SamplingRate) is { Length: > 0 } trace) metadata.TryAdd(Trace.Header, trace);
        if (Trace.StateOf(context.Request.Headers) is { Length: > 0 } state) metadata.TryAdd(Trace.StateHeader, state);
        if (context.Request.Headers["baggage"].ToString() is { Length: > 0 } baggage) metadata.TryAdd("baggage", baggage);
    }
}
