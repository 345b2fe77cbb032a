using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Lepton.Sidecar.Grpc;

/// <summary>Binds the methods of a gRPC service by hand, from messages alone: no generated base class and no reflection, so it compiles ahead of time.</summary>
internal sealed class GrpcMethods<[DynamicallyAccessedMembers(Kept)] TService>(ServiceMethodProviderContext<TService> context, string service, Inside inside) where TService : class
{
    // What Grpc.AspNetCore asks of a service type when code is trimmed.
    private const DynamicallyAccessedMemberTypes Kept =
        DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    private static readonly object[] NoMetadata = [];

    internal void Unary<TRequest, TResponse>(string name, Func<TService, TRequest, ServerCallContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        context.AddUnaryMethod(Method<TRequest, TResponse>(MethodType.Unary, name), NoMetadata, (target, request, call) => inside.AnswerAsync(handle, target, request, call));

    internal void ServerStream<TRequest, TResponse>(string name, Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> handle)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        context.AddServerStreamingMethod(Method<TRequest, TResponse>(MethodType.ServerStreaming, name), NoMetadata, (target, request, stream, call) => inside.StreamAsync(() => handle(target, request, stream, call), call));

    internal void Duplex<TRequest, TResponse>(string name, Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> handle)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        context.AddDuplexStreamingMethod(Method<TRequest, TResponse>(MethodType.DuplexStreaming, name), NoMetadata, (target, requests, stream, call) => inside.StreamAsync(() => handle(target, requests, stream, call), call));

    private Method<TRequest, TResponse> Method<TRequest, TResponse>(MethodType type, string name)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        new(type, service, name, GrpcMarshaller<TRequest>.Instance, GrpcMarshaller<TResponse>.Instance);
}

internal static class GrpcMarshaller<T> where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(static () => new T());

    internal static readonly Marshaller<T> Instance = Marshallers.Create(
        static (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static context =>
        {
            try
            {
                return Parser.ParseFrom(context.PayloadAsReadOnlySequence());
            }
            catch (Exception fault) when (fault is InvalidProtocolBufferException or InvalidOperationException)
            {
                // The parser has an exception of its own for a message that ends within a wrapper.
                throw new RpcException(new Status(StatusCode.Internal, "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"));
            }
        });
}
