using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Lepton.Benchmarks.Runtime;

/// <summary>A streaming subscription that acknowledges each event as it comes.</summary>
internal sealed class StreamReceiver : IAsyncDisposable
{
    private readonly GrpcChannel channel;
    private readonly AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> call;
    private Task reading = Task.CompletedTask;
    private long count;

    private StreamReceiver(int port)
    {
        channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        call = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel).SubscribeTopicEventsAlpha1();
    }

    public long Count => Interlocked.Read(ref count);

    public static async Task<StreamReceiver> StartAsync(int port, CancellationToken cancellation)
    {
        var receiver = new StreamReceiver(port);
        await receiver.call.RequestStream.WriteAsync(new() { InitialRequest = new() { PubsubName = "bus", Topic = "stream" } }, cancellation);
        await receiver.call.ResponseStream.MoveNext(cancellation);
        receiver.reading = receiver.ReadAsync(cancellation);
        return receiver;
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(cancellation))
            {
                var id = call.ResponseStream.Current.EventMessage.Id;
                await call.RequestStream.WriteAsync(new() { EventProcessed = new() { Id = id, Status = new() { Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus.Success } } }, cancellation);
                Interlocked.Increment(ref count);
            }
        }
        catch (RpcException)
        {
            // The call is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        call.Dispose();
        await reading;
        channel.Dispose();
    }
}
