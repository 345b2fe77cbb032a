using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Tracing;
using Status = Grpc.Core.Status;

namespace Lepton.Sidecar.Invocation;

/// <summary>How an InvokeService ended: a response, or the status to fail with. The metadata are headers or trailers.</summary>
internal sealed record ServiceOutcome(InvokeResponse? Response, Metadata Metadata, Status Status);

/// <summary>One InvokeService, to an app of either protocol.</summary>
internal sealed class ServiceCall(VirtualSidecar sidecar, Target target, InvokeRequest message, string path, ServerCallContext call)
{
    /// <summary>What the message lacks for its target.</summary>
    internal string? Refusal => target.IsGrpc ? null : message.HttpExtension?.Verb switch
    {
        null => Lacking("missing HTTP extension field"),
        HTTPExtension.Types.Verb.None or HTTPExtension.Types.Verb.Connect => Lacking("invalid HTTP verb"),
        _ => null,
    };

    private string Lacking(string what) => $"{(Remote ? Target.Internal + Target.ChannelFailed : "")}rpc error: code = InvalidArgument desc = {what}";

    internal Task<Attempt<ServiceOutcome>> SendAsync(CancellationToken stop) => target.IsGrpc ? ToGrpcAsync(stop) : ToHttpAsync(stop);

    private async Task<Attempt<ServiceOutcome>> ToGrpcAsync(CancellationToken stop)
    {
        var metadata = new Metadata();
        foreach (var entry in Passing()) metadata.Add(entry);
        if (Remote)
        {
            metadata.Add("dapr-caller-app-id", sidecar.AppId);
            metadata.Add("dapr-callee-app-id", target.Id);
        }
        metadata.Add(Trace.Header, TraceOf() is { Length: > 0 } trace ? trace : Trace.None);
        try
        {
            var (response, headers) = target.Peers is { } peers && peers.Find(target.Id) is { } peer
                ? await sidecar.Invoker.PeerClient.CallAsync(peer, target.Id, AppMethods.OnInvoke, message, metadata, stop).ConfigureAwait(false)
                : await target.Sidecar!.App.CallAsync(AppMethods.OnInvoke, message, metadata, stop).ConfigureAwait(false);
            return new(new ServiceOutcome(response, headers, Status.DefaultSuccess), Verdict.Final);
        }
        catch (RpcException fault)
        {
            var trailers = new Metadata();
            foreach (var entry in fault.Trailers)
                if (entry.Key is not ("content-type" or "content-length" or "date" or "server" or PeerDoor.Callee)) trailers.Add(entry);
            return new(new ServiceOutcome(null, trailers, fault.Status), Verdict.Failed);
        }
    }

    private async Task<Attempt<ServiceOutcome>> ToHttpAsync(CancellationToken stop)
    {
        var reply = target.Peers is { } peers
            ? await sidecar.Invoker.PeerClient.SendAsync(peers, target.Id, Request, sidecar.Guards.ServiceRetries(target.Id), stop).ConfigureAwait(false)
            : await DirectAsync(stop).ConfigureAwait(false);
        if (reply.Answer is null) return new(new ServiceOutcome(null, [], new Status(StatusCode.Internal, $"failed to invoke, id: {target.Id}, err: {reply.Fault}")), Verdict.Failed);
        using var answer = reply.Answer;
        try
        {
            var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            var metadata = new Metadata { { "dapr-http-status", status.ToString() } };
            foreach (var (name, values) in answer.Headers.NonValidated)
                if (!Forwarding.IsOfOneHop(name) && name is not ("Date" or "Server")) metadata.AddText(name, values.ToString());
            if (status is >= 200 and < 300)
            {
                var response = new InvokeResponse { ContentType = answer.Content.Headers.ContentType?.ToString() ?? "", Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(body) } };
                return new(new ServiceOutcome(response, metadata, Status.DefaultSuccess), Verdict.Final, status);
            }
            var details = GrpcCodes.DetailsOfHttp(status, System.Text.Encoding.UTF8.GetString(body));
            metadata.Add("grpc-status-details-bin", details.ToByteArray());
            return new(new ServiceOutcome(null, metadata, new Status((StatusCode)details.Code, details.Message)), Verdict.Failed);
        }
        catch (HttpRequestException fault)
        {
            return new(new ServiceOutcome(null, [], new Status(StatusCode.Internal, $"failed to invoke, id: {target.Id}, err: {fault.Message}")), Verdict.Failed);
        }
    }

    private async Task<Reply> DirectAsync(CancellationToken stop)
    {
        using var request = Request(target.Root);
        try
        {
            return new(await (target.Sidecar is { } callee ? callee.App.SendAsync(request, stop) : target.Link!.SendAsync(request, stop)).ConfigureAwait(false), null);
        }
        catch (HttpRequestException fault)
        {
            return new(null, target.Sidecar is null ? Invoker.Describe(request, fault) : Invoker.DescribeApp(request, fault));
        }
    }

    private HttpRequestMessage Request(string root)
    {
        var method = new HttpMethod(message.HttpExtension.Verb.ToString().ToUpperInvariant());
        var whole = message.HttpExtension.Querystring is { Length: > 0 } query ? $"{path}?{query}" : path;
        var request = target.Sidecar is { } callee ? callee.App.Request(method, whole) : new HttpRequestMessage(method, root + whole);
        if (message.Data is { Value.Length: > 0 } data)
        {
            request.Content = new ReadOnlyMemoryContent(data.Value.Memory);
            var type = data.TypeUrl.Length > 0 ? GrpcInvocation.ProtobufType : message.ContentType;
            if (type.Length > 0) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        foreach (var entry in Passing())
            if (!Forwarding.IsOfOneHop(entry.Key)) request.Headers.TryAddWithoutValidation(entry.Key, entry.Value);
        if (Remote) Forwarding.AddCaller(call.GetHttpContext(), request, sidecar.AppId, target.Id);
        if (target.Link is { } link) Forwarding.AddHeaders(request, link.Endpoint);
        request.Headers.TryAddWithoutValidation(Trace.Header, TraceOf() is { Length: > 0 } trace ? trace : Trace.None);
        return request;
    }

    private bool Remote => target.IsRemoteTo(sidecar);

    private string TraceOf() => Trace.Child(Trace.Of(call.RequestHeaders), sidecar.Resources.Configuration.SamplingRate);

    /// <summary>The caller's metadata that mean nothing to gRPC or to Dapr.</summary>
    private IEnumerable<Metadata.Entry> Passing() => call.RequestHeaders.Where(static entry => !entry.IsBinary
        && entry.Key is not ("content-type" or "content-length" or "te" or "host" or Trace.Header or "dapr-app-id" or "dapr-api-token" or "dapr-caller-app-id" or "dapr-callee-app-id" or "dapr-caller-namespace")
        && !entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
}
