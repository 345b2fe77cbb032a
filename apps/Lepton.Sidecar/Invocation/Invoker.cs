using System.Net.Sockets;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Invocation;

/// <summary>Service invocation of one app: to its own, to the other apps of the run and of other hosts on this machine, and to HTTPEndpoints over their links.</summary>
internal sealed class Invoker : IDisposable
{
    private const int MostAddresses = 64;
    private readonly VirtualSidecar sidecar;
    private readonly Dictionary<string, Link> addresses = [];

    internal Invoker(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        PeerClient = new PeerClient(sidecar.Runtime.Time);
        Links = sidecar.Resources.Endpoints.Values.ToDictionary(e => e.Name, e => new Link(sidecar.AppId, e));
    }

    /// <summary>The way to other hosts on this machine.</summary>
    internal PeerClient PeerClient { get; }

    /// <summary>The links to the app's HTTPEndpoints by name.</summary>
    internal Dictionary<string, Link> Links { get; }

    /// <summary>A link to an address that an app names in place of an app id.</summary>
    internal Link LinkTo(HttpEndpoint address)
    {
        lock (addresses)
        {
            if (addresses.TryGetValue(address.BaseUrl, out var link)) return link;
            if (addresses.Count >= MostAddresses) addresses.Clear();
            return addresses[address.BaseUrl] = new Link(sidecar.AppId, address);
        }
    }

    internal async Task InvokeAsync(HttpContext context, string id, string rawPath)
    {
        var target = Target.Find(sidecar, this, id);
        var limit = sidecar.Options.MaxBodySize;
        string path;
        if (InvocationPath.Clean(rawPath, out path) is { } wrong) await FailAsync(context, id, $"rpc error: code = InvalidArgument desc = invalid method: {wrong}").ConfigureAwait(false);
        else if (target.Refusal is { } refusal) await FailAsync(context, id, refusal).ConfigureAwait(false);
        else if (context.Request.ContentLength > limit) await FailAsync(context, id, "stream too large").ConfigureAwait(false);
        else await SendAsync(context, target, path + context.Request.QueryString.Value).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, Target target, string path)
    {
        var guard = sidecar.Guards.App(target.Id, target.Link is null ? path.Split('?')[0] : target.Root);
        byte[]? replayable = null;
        if (guard.Retries && context.Request.ContentLength > 0)
        {
            using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
            replayable = body.Bytes.ToArray();
        }
        try
        {
            var (answer, refusal) = await guard.RunAsync(stop => AttemptAsync(context, target, path, replayable, stop), static failed => failed.Answer?.Dispose(), context.RequestAborted).ConfigureAwait(false);
            using var response = answer.Answer;
            if (refusal != Refusal.None) await FailAsync(context, target.Id, refusal.Text()).ConfigureAwait(false);
            else if (response is null) await FailAsync(context, target.Id, answer.Fault!).ConfigureAwait(false);
            else await AnswerAsync(context, target, response).ConfigureAwait(false);
        }
        catch (Exception fault) when (context.RequestAborted.IsCancellationRequested || (context.Response.HasStarted && fault is IOException or HttpRequestException))
        {
            // The caller has gone, or the app broke off in mid-answer: all that can be said now is an aborted answer.
            context.Abort();
        }
    }

    private async Task<Attempt<Reply>> AttemptAsync(HttpContext context, Target target, string path, byte[]? replayable, CancellationToken stop)
    {
        var reply = target.Peers is { } peers
            ? await PeerClient.SendAsync(peers, target.Id, root => Request(context, target, root, path, replayable), sidecar.Guards.ServiceRetries(target.Id), stop).ConfigureAwait(false)
            : await DirectAsync(context, target, path, replayable, stop).ConfigureAwait(false);
        var status = reply.Answer is { } answer ? (int)answer.StatusCode : 0;
        if (status is >= 200 and < 400) return new(reply, Verdict.Final, status);
        // A body that came without a length was not kept: it has gone out and cannot go again.
        return new(reply, Forwarding.HasBody(context) && context.Request.ContentLength is null ? Verdict.Spent : Verdict.Failed, status);
    }

    private async Task<Reply> DirectAsync(HttpContext context, Target target, string path, byte[]? replayable, CancellationToken stop)
    {
        using var request = Request(context, target, target.Root, path, replayable);
        try
        {
            return new(target.Sidecar is { } callee ? await callee.SendToAppAsync(request, stop).ConfigureAwait(false) : await target.Link!.SendAsync(request, stop).ConfigureAwait(false), null);
        }
        catch (HttpRequestException fault)
        {
            return new(null, fault.InnerException is BodyTooLargeException tooLarge ? tooLarge.Message : target.Sidecar is null ? Describe(request, fault) : DescribeApp(request, fault));
        }
    }

    private HttpRequestMessage Request(HttpContext context, Target target, string root, string path, byte[]? replayable)
    {
        var method = Forwarding.VerbOf(context.Request.Method);
        var remote = target.IsRemoteTo(sidecar);
        var request = target.Sidecar is { } callee ? callee.App.Request(method, path)
            : new HttpRequestMessage(method, new Uri(root + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        Forwarding.CopyRequest(context, request, replayable, sidecar.Options.MaxBodySize, remote);
        if (remote) Forwarding.AddCaller(context, request, sidecar.AppId, target.Id);
        if (target.Link is { } link) Forwarding.AddHeaders(request, link.Endpoint);
        request.Headers.TryAddWithoutValidation(Trace.Header, TraceOf(context));
        if (Trace.StateOf(context.Request.Headers) is { Length: > 0 } state) request.Headers.TryAddWithoutValidation(Trace.StateHeader, state);
        return request;
    }

    private Task AnswerAsync(HttpContext context, Target target, HttpResponseMessage answer)
    {
        context.Response.Headers[Trace.Header] = TraceOf(context) is var trace && Trace.IsValid(trace) ? trace : Trace.None;
        if (Trace.StateOf(context.Request.Headers) is { Length: > 0 } state) context.Response.Headers[Trace.StateHeader] = state;
        if (sidecar.Resources.Configuration.SamplingRate <= 0 && context.Request.Headers.TryGetValue("baggage", out var baggage)) context.Response.Headers["baggage"] = baggage;
        if (answer.IsSuccessStatusCode && target.IsRemoteTo(sidecar) && context.Request.Headers.Accept.ToString().Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)) Forwarding.MarkEvents(answer);
        return Forwarding.CopyAnswerAsync(context, answer);
    }

    private string TraceOf(HttpContext context) =>
        Trace.Child(Trace.Of(context.Request.Headers), sidecar.Resources.Configuration.SamplingRate) is { Length: > 0 } trace ? trace : Trace.None;

    private static Task FailAsync(HttpContext context, string id, string cause) => Answer.Error(context, 500, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {id}, err: {cause}");

    /// <summary>Why an app itself gave no answer, in the words callers of daprd know.</summary>
    internal static string DescribeApp(HttpRequestMessage request, HttpRequestException fault) =>
        $"{Target.Internal}{Target.ChannelFailed}{Describe(request, fault)}";

    internal static string Describe(HttpRequestMessage request, HttpRequestException fault)
    {
        var verb = request.Method.Method;
        var call = $"{verb[..1]}{verb[1..].ToLowerInvariant()} \"{request.RequestUri}\"";
        return fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
            ? $"{call}: dial tcp {request.RequestUri!.Host}:{request.RequestUri.Port}: connect: connection refused"
            : fault.HttpRequestError == HttpRequestError.ResponseEnded ? $"{call}: EOF" : $"{call}: {fault.InnerException?.Message ?? fault.Message}";
    }

    public void Dispose()
    {
        PeerClient.Dispose();
        foreach (var link in Links.Values) link.Dispose();
        foreach (var link in addresses.Values) link.Dispose();
    }
}
