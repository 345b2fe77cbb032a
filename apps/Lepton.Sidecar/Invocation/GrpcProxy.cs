using System.Globalization;
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
        { Link: not null } => (StatusCode.Unknown, Target.NoHost),
        { IsGrpc: false } => (StatusCode.Unavailable, $"app '{target.Id}' does not speak gRPC"),
        _ => null,
    };

    /// <summary>Takes a call from the sidecar of another host, which has made its headers ready.</summary>
    internal static async Task TakeAsync(HttpContext context, VirtualSidecar callee)
    {
        if (Target.RefusalOf(callee, own: false) is { } refusal) await GrpcAnswer.Error(context, StatusCode.Internal, refusal[Target.Internal.Length..]).ConfigureAwait(false);
        else if (!callee.App.IsGrpc) await GrpcAnswer.Error(context, StatusCode.Unavailable, $"app '{callee.AppId}' does not speak gRPC").ConfigureAwait(false);
        else await SendAsync(context, stop => Forwarded(context, callee, stop), fault => DescribeAsync(callee.App.Address.Host, callee.App.Address.Port, fault)).ConfigureAwait(false);
    }

    private static Task SendAsync(HttpContext context, VirtualSidecar sidecar, Target target)
    {
        if (target.Sidecar is { } callee)
        {
            return SendAsync(context, stop => callee.App.SendAsync(Request(context, sidecar, target, callee.App.Request(HttpMethod.Post, PathOf(context))), stop), fault => DescribeAsync(callee.App.Address.Host, callee.App.Address.Port, fault));
        }
        if (target.Peers!.FindAgain(target.Id) is not { } peer) return GrpcAnswer.Error(context, StatusCode.Unknown, Target.NoHost);
        var request = new HttpRequestMessage(HttpMethod.Post, peer.Root + PathOf(context)) { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return SendAsync(context, stop => sidecar.Invoker.PeerClient.PassAsync(Request(context, sidecar, target, request), target.Id, stop),
            fault => DescribeAsync("127.0.0.1", peer.Port, fault));
    }

    private static Task<HttpResponseMessage> Forwarded(HttpContext context, VirtualSidecar callee, CancellationToken stop)
    {
        var request = callee.App.Request(HttpMethod.Post, PathOf(context));
        request.Content = new PassedBody(context.Request.BodyReader);
        Copy(context, request, static name => name.Equals("content-length", StringComparison.OrdinalIgnoreCase));
        return callee.App.SendAsync(request, stop);
    }

    private static string PathOf(HttpContext context) => context.Request.Path.ToUriComponent();

    private static async Task SendAsync(HttpContext context, Func<CancellationToken, Task<HttpResponseMessage>> send, Func<HttpRequestException, Task<string>> describe)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (Deadline(context.Request.Headers["grpc-timeout"].ToString()) is { } deadline) limit.CancelAfter(deadline);
        try
        {
            using var answer = await send(limit.Token).ConfigureAwait(false);
            await CopyAsync(context, answer, limit.Token).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (OperationCanceledException fault) when (!limit.IsCancellationRequested && !context.Response.HasStarted)
        {
            // A connection that dies as the call goes out may end it as cancelled.
            await GrpcAnswer.Error(context, StatusCode.Unavailable, await describe(new HttpRequestException(fault.Message, fault)).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.Response.HasStarted)
        {
            await GrpcAnswer.Error(context, StatusCode.DeadlineExceeded, "context deadline exceeded").ConfigureAwait(false);
        }
        catch (HttpRequestException fault) when (!context.Response.HasStarted)
        {
            await GrpcAnswer.Error(context, StatusCode.Unavailable, await describe(fault).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException)
        {
            // Part of the answer is out: its end is the only thing left to say.
            var late = fault is OperationCanceledException && limit.IsCancellationRequested;
            context.Response.AppendTrailer("grpc-status", ((int)(late ? StatusCode.DeadlineExceeded : StatusCode.Unavailable)).ToString());
            context.Response.AppendTrailer("grpc-message", GrpcAnswer.Escape(late ? "context deadline exceeded" : $"error reading from server: {fault.Message}"));
        }
    }

    /// <summary>A call may still find a connection of an app that has just gone, so a broken one asks whether anybody listens there.</summary>
    private static async Task<string> DescribeAsync(string host, int port, HttpRequestException fault) =>
        AppChannel.IsAway(fault) || !await AppChannel.AnswersAsync(host, port, CancellationToken.None).ConfigureAwait(false)
            ? $"connection error: desc = \"transport: Error while dialing: dial tcp {host}:{port}: connect: connection refused\""
            : $"error reading from server: {fault.InnerException?.Message ?? fault.Message}";

    private static void Copy(HttpContext context, HttpRequestMessage request, Func<string, bool> stays)
    {
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name.StartsWith(':') || name is "Host" || stays(name)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content!.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
    }

    private static HttpRequestMessage Request(HttpContext context, VirtualSidecar sidecar, Target target, HttpRequestMessage request)
    {
        request.Content = new PassedBody(context.Request.BodyReader);
        var remote = target.IsRemoteTo(sidecar);
        Copy(context, request, Stays);
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
        foreach (var (name, values) in answer.Headers.NonValidated)
            if (name != PeerDoor.Callee || response.Headers.ContainsKey(name)) response.Headers[name] = new([.. values]);
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
