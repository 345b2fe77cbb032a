using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Lepton.Sidecar.Bindings;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindBindings(GrpcMethods<DaprService> methods) =>
        methods.Unary<InvokeBindingRequest, InvokeBindingResponse>("InvokeBinding", static (service, request, call) => service.InvokeBindingAsync(request, call));

    private async Task<InvokeBindingResponse> InvokeBindingAsync(InvokeBindingRequest request, ServerCallContext call)
    {
        var metadata = new Dictionary<string, string>(request.Metadata);
        if (Trace.Child(Trace.Of(call.RequestHeaders), sidecar.Resources.Configuration.SamplingRate) is { Length: > 0 } trace) metadata.TryAdd(Trace.Header, trace);
        foreach (var name in (ReadOnlySpan<string>)[Trace.StateHeader, "baggage"])
            if (call.RequestHeaders.GetValue(name) is { Length: > 0 } passed) metadata[name] = passed;
        var reply = await bindings.InvokeAsync(request.Name, request.Operation, request.Data.Memory, metadata, call.CancellationToken).ConfigureAwait(false);
        // Some bindings tell more also of a failed call.
        var headers = new Metadata();
        foreach (var (key, value) in reply.Metadata ?? new Dictionary<string, string>())
            if (Ascii.IsValid(key) && !key.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) && !key.AsSpan().ContainsAny(' ', ':') && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')) headers.Add("metadata." + key.ToLowerInvariant(), value);
        if (headers.Count > 0) await call.WriteResponseHeadersAsync(headers).ConfigureAwait(false);
        if (reply.Fault is { } fault) throw BindingSet.Failed(request.Name, fault).ToRpc();
        var response = new InvokeBindingResponse { Data = reply.Data is { } data ? UnsafeByteOperations.UnsafeWrap(data) : ByteString.Empty };
        foreach (var (key, value) in reply.Metadata ?? new Dictionary<string, string>()) response.Metadata[key] = value;
        return response;
    }
}
