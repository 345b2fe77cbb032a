using Dapr.Client;
using Lepton.Workflows.Pipelines;

namespace Lepton.Node;

/// <summary>Says what the node serves, and whether its sidecar is there; a node without one waits, and says so.</summary>
internal sealed partial class SidecarWatch(DaprClient dapr, NodeSettings settings, PipelineBook book, IConfiguration configuration, ILogger<SidecarWatch> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public bool IsReady { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var tier in book.Tiers)
        {
            Serves(log, tier.Pipeline.Name, tier.Model.Model.Id, Contracts.Events.Topics.Events(tier.Pipeline.Name));
        }

        var endpoint = DaprEndpoints.Http(configuration);
        var told = DateTime.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            var ready = await IsThereAsync(stoppingToken);
            if (ready && !IsReady)
            {
                Ready(log, settings.Node.AppId, settings.Node.Tier, endpoint);
            }
            else if (!ready && !stoppingToken.IsCancellationRequested && (IsReady || DateTime.UtcNow - told > Patience))
            {
                told = DateTime.UtcNow;
                Waiting(log, settings.Node.AppId, endpoint);
            }

            IsReady = ready;
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsThereAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await dapr.CheckOutboundHealthAsync(stoppingToken);
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException)
        {
            return false;
        }
    }

    [LoggerMessage(301, LogLevel.Information, "pipeline '{pipeline}' with model '{model}' takes events on topic '{topic}'")]
    private static partial void Serves(ILogger log, string pipeline, string model, string topic);

    [LoggerMessage(302, LogLevel.Information, "'{appId}' ({tier}) is ready beside the sidecar at {endpoint}")]
    private static partial void Ready(ILogger log, string appId, string tier, string endpoint);

    [LoggerMessage(303, LogLevel.Warning, "'{appId}' waits for its sidecar at {endpoint}: start the node with `./lepton up` or `dapr run`, or set DAPR_HTTP_PORT and DAPR_GRPC_PORT")]
    private static partial void Waiting(ILogger log, string appId, string endpoint);
}
