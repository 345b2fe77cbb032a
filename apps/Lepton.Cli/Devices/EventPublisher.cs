using Dapr.Client;
using Grpc.Core;
using Lepton.Contracts.Events;
using DaprException = Dapr.DaprException;

namespace Lepton.Cli.Devices;

/// <summary>Publishes events through the sidecar until they are acknowledged: the same bytes, and with them the same id, again and again.</summary>
internal sealed class EventPublisher : IDisposable
{
    private const string PubSub = "lepton-pubsub";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(10);

    private readonly DaprClient dapr = new DaprClientBuilder().Build();

    /// <summary>Returns once the sidecar acknowledged it.</summary>
    public async Task PublishAsync(string pipeline, CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        var body = cloudEvent.ToJson();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(Attempt);
            try
            {
                await dapr.PublishByteEventAsync(PubSub, Topics.Events(pipeline), body, CloudEvent.MediaType, [], attempt.Token);
                return;
            }
            catch (DaprException error) when (error.InnerException is RpcException { StatusCode: StatusCode.InvalidArgument or StatusCode.PermissionDenied } refusal)
            {
                throw new CommandException($"the sidecar refuses events of '{pipeline}' ({refusal.Status.Detail}); check components/ and that the sidecar of lepton-devices uses the edge's");
            }
            catch (Exception error) when (error is DaprException or RpcException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) => dapr.CheckOutboundHealthAsync(cancellationToken);

    public void Dispose() => dapr.Dispose();
}
