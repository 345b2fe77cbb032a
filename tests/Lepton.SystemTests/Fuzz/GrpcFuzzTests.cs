using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Lepton.SystemTests.Golden;

namespace Lepton.SystemTests.Fuzz;

/// <summary>Every gRPC method takes nonsense: bytes that are no message, and messages of nonsense; none fails inside.</summary>
[Collection(GoldenCollection.Name)]
public sealed class GrpcFuzzTests(FuzzedRuntime fuzzed) : IClassFixture<FuzzedRuntime>, IDisposable
{
    private readonly GrpcChannel channel = GrpcChannel.ForAddress($"http://127.0.0.1:{fuzzed.GrpcPort}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static b => b, static b => b);

    /// <summary>Made once: a channel keeps every method that it ever saw.</summary>
    private static readonly ConcurrentDictionary<MethodDescriptor, Method<byte[], byte[]>> Bound = new();

    [Fact]
    public Task Every_method_takes_nonsense()
    {
        var methods = Methods();
        return Feeding.FewAsync(Feeding.Few * methods.Count, number => FeedAsync(methods[number % methods.Count], new Nonsense(number)));
    }

    [Fact]
    [Trait("Category", "Long")]
    public Task Every_method_takes_much_nonsense()
    {
        var methods = Methods();
        return Feeding.ManyAsync((long)Feeding.Many * methods.Count, number => FeedAsync(methods[number % methods.Count], new Nonsense(number)));
    }

    [Fact]
    public async Task A_message_that_ends_within_a_wrapper_is_refused_as_any_broken_one()
    {
        var complete = new Method<byte[], byte[]>(MethodType.Unary, "TaskHubSidecarService", "CompleteWorkflowTask", Bytes, Bytes);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(complete, null, default, [0x2a, 0x42]);
        var fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal((StatusCode.Internal, "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"), (fault.StatusCode, fault.Status.Detail));
    }

    private List<MethodDescriptor> Methods()
    {
        var methods = fuzzed.Endpoints.Select(e => e.Metadata.GetMetadata<GrpcMethodMetadata>()).OfType<GrpcMethodMetadata>().Select(m => m.Method)
            .Where(m => m.Name != "Shutdown").DistinctBy(m => m.FullName).Select(m => ProtoJson.Method(m.FullName.TrimStart('/'))).ToList();
        Assert.True(methods.Count > 40, $"only {methods.Count} methods were found");
        return methods;
    }

    private Task FeedAsync(MethodDescriptor method, Nonsense nonsense) =>
        CallAsync(channel.CreateCallInvoker(), method, nonsense.Chance(4) ? nonsense.Bytes(nonsense.Below(200)) : Message(method.InputType, nonsense, 0).ToByteArray());

    public void Dispose() => channel.Dispose();

    private static async Task CallAsync(CallInvoker invoker, MethodDescriptor method, byte[] message)
    {
        var bound = Bound.GetOrAdd(method, static m =>
            new(m.IsClientStreaming ? MethodType.DuplexStreaming : m.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, m.Service.FullName, m.Name, Bytes, Bytes));
        var options = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(Waits(method) ? 100 : 15_000));
        try
        {
            if (method.IsClientStreaming)
            {
                using var call = invoker.AsyncDuplexStreamingCall(bound, null, options);
                await call.RequestStream.WriteAsync(message);
                await call.RequestStream.CompleteAsync();
                while (await call.ResponseStream.MoveNext(CancellationToken.None)) { }
            }
            else if (method.IsServerStreaming)
            {
                using var call = invoker.AsyncServerStreamingCall(bound, null, options, message);
                while (await call.ResponseStream.MoveNext(CancellationToken.None)) { }
            }
            else
            {
                using var call = invoker.AsyncUnaryCall(bound, null, options, message);
                await call.ResponseAsync;
            }
        }
        catch (RpcException fault) when ((fault.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Cancelled) && Waits(method))
        {
            // It waits for a worker, an event or a host, as it should.
        }
        catch (RpcException fault)
        {
            if (fault.StatusCode == StatusCode.DeadlineExceeded || fault.Status.Detail.Length == 0 || fault.Status.Detail.Contains("Exception was thrown", StringComparison.Ordinal))
                throw new GoldenException($"{method.FullName} with {Convert.ToBase64String(message)}: {fault.Status}");
        }
    }

    /// <summary>Methods that wait for somebody else by nature.</summary>
    private static bool Waits(MethodDescriptor method) => method.IsServerStreaming || method.Name is "InvokeActor" || method.Service.Name == "TaskHubSidecarService" || method.Name.Contains("Workflow", StringComparison.Ordinal);

    private static IMessage Message(MessageDescriptor type, Nonsense nonsense, int depth)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (nonsense.Chance(3) || (depth > 3 && field.FieldType == FieldType.Message) || field.IsMap || field.FieldType == FieldType.Group || (IsWrapper(field) && field.MessageType.Name != "StringValue")) continue;
            if (field.IsRepeated) for (var i = nonsense.Below(4); i > 0; i--) ((System.Collections.IList)field.Accessor.GetValue(message)).Add(Value(field, nonsense, depth));
            else field.Accessor.SetValue(message, Value(field, nonsense, depth));
        }
        return message;
    }

    private static bool IsWrapper(FieldDescriptor field) => field.FieldType == FieldType.Message && field.MessageType.File.Name == "google/protobuf/wrappers.proto";

    private static object Value(FieldDescriptor field, Nonsense nonsense, int depth) => field.FieldType switch
    {
        FieldType.String => nonsense.Chance(3) ? Uri.UnescapeDataString(nonsense.Name()) : nonsense.Word().Replace("\ud83d\ude00", "x", StringComparison.Ordinal),
        FieldType.Bytes => ByteString.CopyFrom(nonsense.Chance(2) ? nonsense.Bytes(nonsense.Below(40)) : System.Text.Encoding.UTF8.GetBytes(nonsense.Json(0))),
        FieldType.Bool => nonsense.Chance(2),
        FieldType.Double => nonsense.Chance(2) ? double.NaN : 1.5,
        FieldType.Float => 1.5f,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => nonsense.Below(10) - 3,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => nonsense.Chance(3) ? long.MaxValue : nonsense.Below(10) - 3L,
        FieldType.UInt32 or FieldType.Fixed32 => (uint)nonsense.Below(10),
        FieldType.UInt64 or FieldType.Fixed64 => (ulong)nonsense.Below(10),
        FieldType.Enum => nonsense.Below(9),
        _ when IsWrapper(field) => nonsense.Word(),
        _ => Message(field.MessageType, nonsense, depth + 1),
    };
}
