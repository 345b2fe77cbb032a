using System.Globalization;
using System.Net.Sockets;
using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Invocation;

/// <summary>
/// Passes gRPC calls to the app that their metadata names, all four kinds alike: bytes, trailers and status go through as they are, nothing is parsed and
/// nothing waits for the end of a stream.
/// </summary>
internal static class GrpcProxy
{
    private const string Callee = "dapr-callee-app-id";
    private const string Caller = "dapr-caller-app-id";
    private const string AppId = "dapr-app-id";

    internal static async Task PassAsync(HttpContext context, VirtualSidecar sidecar)
    {
        var headers = context.Request.Headers;
        var id = headers[Callee].ToString() is { Length: > 0 } callee ? callee : headers[AppId].ToString();
        if (id.Length == 0)
        {
            await GrpcAnswer.Error(context, StatusCode.Unknown, "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata").ConfigureAwait(false);
            return;
        }
        var target = Target.Find(sidecar, sidecar.Invoker, id);
        if (Refusal(target) is var (code, reason)) await GrpcAnswer.Error(context, code, reason).ConfigureAwait(false);
        else await SendAsync(context, sidecar, target).ConfigureAwait(false);
    }

    private static (StatusCode Code, string Reason)? Refusal(Target target) => target switch
    {
        { Refusal: { } text } when text.StartsWith(Target.Internal, StringComparison.Ordinal) => (StatusCode.Internal, text[Target.Internal.Length..]),
        { Refusal: { } text } => (StatusCode.Unknown, text),
        { Sidecar: null } => (StatusCode.Unknown, Target.NoHost),
        { Sidecar.App.IsGrpc: false } => (StatusCode.Unavailable, $"app '{target.Id}' does not speak gRPC: its app protocol is {target.Sidecar.Options.AppProtocol}"),
        _ => null,
    };

    private static async Task SendAsync(HttpContext context, VirtualSidecar sidecar, Target target)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (Deadline(context.Request.Headers["grpc-timeout"].ToString()) is { } deadline) limit.CancelAfter(deadline);
        try
        {
            using var request = Request(context, sidecar, target);
            using var answer = await target.Sidecar!.App.SendAsync(request, limit.Token).ConfigureAwait(false);
            await CopyAsync(context, answer, limit.Token).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (OperationCanceledException) when (!context.Response.HasStarted)
        {
            await GrpcAnswer.Error(context, StatusCode.DeadlineExceeded, "context deadline exceeded").ConfigureAwait(false);
        }
        catch (HttpRequestException fault) when (!context.Response.HasStarted)
        {
            await GrpcAnswer.Error(context, StatusCode.Unavailable, await DescribeAsync(target.Sidecar!.App, fault).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException)
        {
            // Part of the answer is out: its end is the only thing left to say.
            var late = fault is OperationCanceledException;
            context.Response.AppendTrailer("grpc-status", ((int)(late ? StatusCode.DeadlineExceeded : StatusCode.Unavailable)).ToString());
            context.Response.AppendTrailer("grpc-message", GrpcAnswer.Escape(late ? "context deadline exceeded" : $"error reading from server: {fault.Message}"));
        }
    }

    /// <summary>A call may still find a connection of an app that has just gone, so a broken one asks whether anybody listens there.</summary>
    private static async Task<string> DescribeAsync(AppChannel app, HttpRequestException fault) =>
        fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } || !await app.AnswersAsync(CancellationToken.None).ConfigureAwait(false)
            ? $"connection error: desc = \"transport: Error while dialing: dial tcp {app.Address.Host}:{app.Address.Port}: connect: connection refused\""
            : $"error reading from server: {fault.InnerException?.Message ?? fault.Message}";

    private static HttpRequestMessage Request(HttpContext context, VirtualSidecar sidecar, Target target)
    {
        var request = target.Sidecar!.App.Request(HttpMethod.Post, context.Request.Path.ToUriComponent());
        request.Content = new PassedBody(context.Request.BodyReader);
        var remote = target.Sidecar != sidecar;
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name.StartsWith(':') || name is "Host" || Stays(name)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
        if (remote)
        {
            request.Headers.TryAddWithoutValidation(Caller, sidecar.AppId);
            request.Headers.TryAddWithoutValidation(Callee, target.Id);
        }
        var trace = Trace.Child(Trace.Of(context.Request.Headers), sidecar.Resources.Configuration.SamplingRate);
        request.Headers.TryAddWithoutValidation(Trace.Header, trace.Length > 0 ? trace : Trace.None);
        if (Trace.IsValid(trace)) request.Headers.TryAddWithoutValidation(Trace.BinaryHeader, Convert.ToBase64String(Trace.Binary(trace)).TrimEnd('='));
        return request;

        bool Stays(string name) => name.ToLowerInvariant() is AppId or Callee or Trace.BinaryHeader or "dapr-api-token" or "content-length" || (remote && name.Equals(Caller, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task CopyAsync(HttpContext context, HttpResponseMessage answer, CancellationToken stop)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated) response.Headers[name] = new([.. values]);
        foreach (var (name, values) in answer.Content.Headers.NonValidated) response.Headers[name] = new([.. values]);
        // A status among the headers: there is nothing else, and they must be all.
        if (response.Headers.ContainsKey("grpc-status")) return;
        await response.StartAsync(stop).ConfigureAwait(false);
        await using var body = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        while (true)
        {
            var read = await body.ReadAsync(response.BodyWriter.GetMemory(4096), stop).ConfigureAwait(false);
            if (read == 0) break;
            response.BodyWriter.Advance(read);
            await response.BodyWriter.FlushAsync(stop).ConfigureAwait(false);
        }
        foreach (var (name, values) in answer.TrailingHeaders.NonValidated) response.AppendTrailer(name, new([.. values]));
    }

    /// <summary>The time a caller gives its call: digits and a unit.</summary>
    internal static TimeSpan? Deadline(string text)
    {
        if (text.Length < 2 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        var length = text[^1] switch
        {
            'H' => TimeSpan.FromHours(Math.Min(number, 1_000)),
            'M' => TimeSpan.FromMinutes(Math.Min(number, 60_000)),
            'S' => TimeSpan.FromSeconds(Math.Min(number, 3_600_000L)),
            'm' => TimeSpan.FromMilliseconds(number),
            'u' => TimeSpan.FromMicroseconds(number),
            'n' => TimeSpan.FromTicks(number / 100),
            _ => (TimeSpan?)null,
        };
        // Timers of the system cannot wait longer than about 49 days; a call that may is not limited here.
        return length > TimeSpan.FromDays(45) ? null : length;
    }
}
