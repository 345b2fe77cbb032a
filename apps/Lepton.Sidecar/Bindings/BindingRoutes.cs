using System.Text;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
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
        var name = RawPath.Segment(context, 2);
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        using var document = body.TooLarge ? null : GoDocument.Parse(body.Bytes);
        var request = document?.Struct("http.OutputBindingRequest") ?? default;
        var (operation, data, metadata) = document is null ? ("", [], null) : (request.Text("operation"), request.Json("data"), request.Texts("metadata"));
        if (document is null || document.Fault is not null)
        {
            await Answer.Error(context, 400, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {document?.Fault ?? "stream too large"}").ConfigureAwait(false);
            return;
        }
        metadata ??= [];
        if (AddTrace(context, sidecar, metadata) is { } wrong)
        {
            await Answer.Error(context, 400, "ERR_MALFORMED_REQUEST", $"invalid baggage header: {wrong}").ConfigureAwait(false);
            return;
        }
        await AnswerAsync(context, name, await bindings.InvokeAsync(name, operation, data, metadata, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, string name, BindingReply reply)
    {
        foreach (var (key, value) in reply.Metadata ?? new Dictionary<string, string>())
            if (Ascii.IsValid(key) && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')) context.Response.Headers["metadata." + key] = value;
        if (reply.Fault is { } fault) return BindingSet.Failed(name, fault).WriteAsync(context);
        return reply.Data is { } data ? Answer.Json(context, 200, data) : Answer.Empty(context);
    }

    /// <returns>What is wrong with the caller's baggage, or null.</returns>
    private static string? AddTrace(HttpContext context, VirtualSidecar sidecar, Dictionary<string, string> metadata)
    {
        if (Trace.Child(Trace.Of(context.Request.Headers), sidecar.Resources.Configuration.SamplingRate) is { Length: > 0 } trace) metadata[Trace.Header] = trace;
        if (Trace.StateOf(context.Request.Headers) is { Length: > 0 } state) metadata[Trace.StateHeader] = state;
        if (string.Join(',', context.Request.Headers["baggage"].ToArray()) is not { Length: > 0 } baggage) return null;
        metadata["baggage"] = baggage;
        return Baggage.Fault(baggage);
    }
}
