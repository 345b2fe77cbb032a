using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;

namespace Lepton.SystemTests.Golden;

/// <summary>gRPC calls to one sidecar, messages as proto JSON.</summary>
internal sealed class GrpcCalls : IDisposable
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static b => b, static b => b);
    private readonly GrpcChannel channel;

    internal GrpcCalls(int port) => channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });

    internal async Task<JsonObject> UnaryAsync(string name, JsonNode? request, JsonObject? metadata, int deadlineMs)
    {
        var method = ProtoJson.Method(name);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(Of(method), null, Options(metadata, DateTime.UtcNow.AddMilliseconds(deadlineMs)), ProtoJson.Encode(method.InputType, request));
        try
        {
            var response = await call.ResponseAsync;
            return new JsonObject { ["code"] = "OK", ["response"] = ProtoJson.Decode(method.OutputType, response), ["trailers"] = Map(call.GetTrailers()) };
        }
        catch (RpcException fault)
        {
            return new JsonObject { ["code"] = NameOf(fault.StatusCode), ["message"] = fault.Status.Detail, ["trailers"] = Map(fault.Trailers) };
        }
    }

    internal GrpcStream Open(string name, JsonNode? request, JsonObject? metadata)
    {
        var method = ProtoJson.Method(name);
        var invoker = channel.CreateCallInvoker();
        var stream = new GrpcStream(method);
        var options = Options(metadata, null).WithCancellationToken(stream.Stop);
        if (!method.IsClientStreaming) stream.Begin(invoker.AsyncServerStreamingCall(Of(method), null, options, ProtoJson.Encode(method.InputType, request)));
        else if (method.IsServerStreaming) stream.Begin(invoker.AsyncDuplexStreamingCall(Of(method), null, options));
        else stream.Begin(invoker.AsyncClientStreamingCall(Of(method), null, options));
        return stream;
    }

    internal static StatusCode CodeOf(string name) => Enum.GetValues<StatusCode>().First(code => NameOf(code) == name);

    internal static string NameOf(StatusCode code)
    {
        if (code == StatusCode.OK) return "OK";
        var name = new System.Text.StringBuilder();
        foreach (var c in code.ToString())
        {
            if (char.IsUpper(c) && name.Length > 0) name.Append('_');
            name.Append(char.ToUpperInvariant(c));
        }
        return name.ToString();
    }

    internal static JsonObject Map(Metadata metadata)
    {
        var map = new JsonObject();
        foreach (var entry in metadata) map[entry.Key] = entry.IsBinary ? System.Text.Encoding.UTF8.GetString(entry.ValueBytes) : entry.Value;
        return map;
    }

    private static Method<byte[], byte[]> Of(MethodDescriptor method) => new(
        (method.IsClientStreaming, method.IsServerStreaming) switch
        {
            (false, false) => MethodType.Unary,
            (false, true) => MethodType.ServerStreaming,
            (true, false) => MethodType.ClientStreaming,
            _ => MethodType.DuplexStreaming,
        }, method.Service.FullName, method.Name, Bytes, Bytes);

    private static CallOptions Options(JsonObject? metadata, DateTime? deadline)
    {
        var headers = new Metadata();
        foreach (var (name, value) in metadata ?? []) headers.Add(name, Match.Plain(value));
        return new CallOptions(headers, deadline);
    }

    public void Dispose() => channel.Dispose();
}

/// <summary>An open gRPC stream of a case.</summary>
internal sealed class GrpcStream(MethodDescriptor method) : IDisposable
{
    private readonly CancellationTokenSource cancelled = new();
    private readonly Lock gate = new();
    private readonly List<JsonNode> items = [];
    private IClientStreamWriter<byte[]>? requests;

    internal CancellationToken Stop => cancelled.Token;

    /// <summary>How it ended; null while it is open.</summary>
    internal JsonObject? End { get; private set; }

    internal void Begin(AsyncServerStreamingCall<byte[]> call) => _ = FollowAsync(call.ResponseStream, call.GetTrailers);

    internal void Begin(AsyncDuplexStreamingCall<byte[], byte[]> call)
    {
        requests = call.RequestStream;
        _ = FollowAsync(call.ResponseStream, call.GetTrailers);
    }

    internal void Begin(AsyncClientStreamingCall<byte[], byte[]> call)
    {
        requests = call.RequestStream;
        _ = EndAsync(async () => Add(await call.ResponseAsync), call.GetTrailers);
    }

    internal async Task SendAsync(JsonNode? message)
    {
        try
        {
            await requests!.WriteAsync(ProtoJson.Encode(method.InputType, message));
        }
        catch (RpcException)
        {
            // The other side has ended the stream before it read: the case asks how with `ended`.
        }
    }

    internal Task CloseAsync() => requests!.CompleteAsync();

    internal void Cancel() => cancelled.Cancel();

    /// <summary>The next messages; fewer when the time is up or the stream ended.</summary>
    internal async Task<List<JsonNode>> TakeAsync(int count, int withinMs)
    {
        for (var until = Environment.TickCount64 + withinMs; ; await Task.Delay(5))
        {
            lock (gate)
            {
                if (items.Count >= count || End is not null || Environment.TickCount64 >= until)
                {
                    var taken = items.Take(count).ToList();
                    items.RemoveRange(0, taken.Count);
                    return taken;
                }
            }
        }
    }

    internal int Waiting
    {
        get
        {
            lock (gate) return items.Count;
        }
    }

    private Task FollowAsync(IAsyncStreamReader<byte[]> responses, Func<Metadata> trailers) => EndAsync(async () =>
    {
        while (await responses.MoveNext(CancellationToken.None)) Add(responses.Current);
    }, trailers);

    private void Add(byte[] message)
    {
        var decoded = ProtoJson.Decode(method.OutputType, message);
        lock (gate) items.Add(decoded);
    }

    private async Task EndAsync(Func<Task> follow, Func<Metadata> trailers)
    {
        JsonObject end;
        try
        {
            await follow();
            end = new JsonObject { ["code"] = "OK", ["message"] = "", ["trailers"] = GrpcCalls.Map(trailers()) };
        }
        catch (RpcException fault)
        {
            end = new JsonObject { ["code"] = GrpcCalls.NameOf(fault.StatusCode), ["message"] = fault.Status.Detail, ["trailers"] = GrpcCalls.Map(fault.Trailers) };
        }
        lock (gate) End = end;
    }

    public void Dispose()
    {
        cancelled.Cancel();
        cancelled.Dispose();
    }
}
