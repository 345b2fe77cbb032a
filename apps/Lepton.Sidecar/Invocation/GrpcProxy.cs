using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
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
        else await new PassedCall(context, Guard.None, callee.Options.MaxBodySize, (stop, body) => Forwarded(context, callee, body(), stop), fault => DescribeAsync(callee.App.Address.Host, callee.App.Address.Port, fault)).RunAsync().ConfigureAwait(false);
    }

    private static Task SendAsync(HttpContext context, VirtualSidecar sidecar, Target target)
    {
        var remote = target.IsRemoteTo(sidecar);
        // As in daprd, policies hold for other apps than the caller's own, where the call names the app in the old way and does not say that it is a stream.
        var guarded = remote && context.Request.Headers[AppId].ToString() is { Length: > 0 } && !Truth.IsOn(context.Request.Headers["dapr-stream"]);
        var guard = guarded ? sidecar.Guards.App(target.Id, PathOf(context)) : Guard.None;
        Func<CancellationToken, Func<HttpContent>, Task<HttpResponseMessage>> send;
        Func<HttpRequestException, Task<string>> describe;
        if (target.Sidecar is { } callee)
        {
            send = (stop, body) => callee.App.SendAsync(Request(context, sidecar, target, callee.App.Request(HttpMethod.Post, PathOf(context)), body()), stop);
            describe = fault => DescribeAsync(callee.App.Address.Host, callee.App.Address.Port, fault);
        }
        else if (target.Peers!.FindAgain(target.Id) is { } peer)
        {
            send = (stop, body) => sidecar.Invoker.PeerClient.PassAsync(
                Request(context, sidecar, target, new HttpRequestMessage(HttpMethod.Post, peer.Root + PathOf(context)) { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact }, body()), target.Id, stop);
            describe = fault => DescribeAsync("127.0.0.1", peer.Port, fault);
        }
        else
        {
            return GrpcAnswer.Error(context, StatusCode.Unknown, Target.NoHost);
        }
        return new PassedCall(context, guard, sidecar.Options.MaxBodySize, send, describe).RunAsync();
    }

    private static Task<HttpResponseMessage> Forwarded(HttpContext context, VirtualSidecar callee, HttpContent body, CancellationToken stop)
    {
        var request = callee.App.Request(HttpMethod.Post, PathOf(context));
        request.Content = body;
        Copy(context, request, static name => name.Equals("content-length", StringComparison.OrdinalIgnoreCase));
        return callee.App.SendAsync(request, stop);
    }

    private static string PathOf(HttpContext context) => context.Request.Path.ToUriComponent();

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

    private static HttpRequestMessage Request(HttpContext context, VirtualSidecar sidecar, Target target, HttpRequestMessage request, HttpContent body)
    {
        request.Content = body;
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
}
