using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.Invocation;

/// <summary>An answer of a called app, or why there is none.</summary>
internal readonly record struct Reply(HttpResponseMessage? Answer, string? Fault);

/// <summary>Calls to apps of other hosts on this machine, through their <see cref="PeerDoor"/>.</summary>
internal sealed class PeerClient : IDisposable
{
    private readonly TimeProvider time;
    private readonly SocketsHttpHandler handler = AppHandler.Create();
    private readonly HttpMessageInvoker client;
    private readonly HttpClient calls;

    internal PeerClient(TimeProvider time)
    {
        this.time = time;
        client = new HttpMessageInvoker(handler, disposeHandler: false);
        calls = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>
    /// Sends what <paramref name="make"/> makes for a host's address. A host that does not answer is looked for and tried again as <paramref name="retries"/> say; without them the
    /// caller has policies of its own.
    /// </summary>
    internal async Task<Reply> SendAsync(Peers peers, string appId, Func<string, HttpRequestMessage> make, RetryPolicy? retries, CancellationToken stop)
    {
        for (var made = 0; ; made++)
        {
            var text = Target.NoHost;
            if ((made == 0 ? peers.Find(appId) : peers.FindAgain(appId)) is { } peer)
            {
                using var request = make(peer.Root);
                request.Headers.TryAddWithoutValidation(PeerDoor.Callee, appId);
                try
                {
                    var answer = await client.SendAsync(request, stop).ConfigureAwait(false);
                    if (answer.Headers.NonValidated.TryGetValues(PeerDoor.Callee, out var callee) && callee.ToString() == appId) return Read(answer);
                    answer.Dispose();
                    text = $"another program listens on port {peer.Port}";
                }
                catch (HttpRequestException fault) when (fault.InnerException is BodyTooLargeException tooLarge)
                {
                    return new(null, tooLarge.Message);
                }
                catch (HttpRequestException fault)
                {
                    text = AppChannel.IsAway(fault) ? $"dial tcp 127.0.0.1:{peer.Port}: connect: connection refused" : "error reading from server: EOF";
                    // What reached the host may have been done: it is not sent again.
                    if (!AppChannel.IsAway(fault)) return new(null, $"rpc error: code = Unavailable desc = {text}");
                }
            }
            if (retries is null) return new(null, $"rpc error: code = Unavailable desc = {text}");
            if (!retries.Allows(made))
            {
                peers.Forget(appId);
                return new(null, $"failed to invoke target {appId} after {made} retries. Error: rpc error: code = Unavailable desc = {text}");
            }
            await Task.Delay(retries.PauseBefore(made), time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Passes a gRPC call on as it is; the answer is checked to be that of the app's host.</summary>
    internal async Task<HttpResponseMessage> PassAsync(HttpRequestMessage request, string appId, CancellationToken stop)
    {
        request.Headers.TryAddWithoutValidation(PeerDoor.Callee, appId);
        var answer = await client.SendAsync(request, stop).ConfigureAwait(false);
        if (answer.Headers.NonValidated.TryGetValues(PeerDoor.Callee, out var callee) && callee.ToString() == appId) return answer;
        answer.Dispose();
        throw new HttpRequestException($"another program listens on port {request.RequestUri!.Port}");
    }

    /// <summary>Calls a method of an app that speaks gRPC.</summary>
    internal async Task<(TResponse Answer, Metadata Headers)> CallAsync<TRequest, TResponse>(Peer peer, string appId, Method<TRequest, TResponse> method, TRequest request, Metadata metadata, CancellationToken stop)
        where TRequest : class where TResponse : class
    {
        metadata.Add(PeerDoor.Callee, appId);
        using var channel = GrpcChannel.ForAddress(peer.Root, new GrpcChannelOptions { HttpClient = calls, MaxReceiveMessageSize = null, MaxSendMessageSize = null, ThrowOperationCanceledOnCancellation = true });
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(metadata, cancellationToken: stop), request);
        return (await call.ResponseAsync.ConfigureAwait(false), await call.ResponseHeadersAsync.ConfigureAwait(false));
    }

    private static Reply Read(HttpResponseMessage answer)
    {
        answer.Headers.Remove(PeerDoor.Callee);
        if (!answer.Headers.NonValidated.TryGetValues(PeerDoor.Fault, out var fault)) return new(answer, null);
        answer.Dispose();
        return new(null, Uri.UnescapeDataString(fault.ToString()));
    }

    public void Dispose()
    {
        client.Dispose();
        calls.Dispose();
        handler.Dispose();
    }
}
