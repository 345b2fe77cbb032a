using Grpc.Core;

namespace Lepton.Sidecar.Hosting;

/// <summary>Follows one app: waits for its port, probes its health when asked to, and says when deliveries begin and end.</summary>
internal sealed class AppWatch(VirtualSidecar sidecar)
{
    internal async Task RunAsync(CancellationToken stop)
    {
        try
        {
            if (sidecar.App.Exists) await sidecar.App.DialAsync(stop).ConfigureAwait(false);
            if (sidecar.App.Exists && sidecar.Options.AppHealth is { } health)
            {
                await ProbeAsync(health, stop).ConfigureAwait(false);
                return;
            }
            await sidecar.AppHealthyAsync().ConfigureAwait(false);
            sidecar.State.Ready = true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The sidecar stops.
        }
        catch (Exception fault)
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: the sidecar could not begin to work for its app: {fault}");
        }
    }

    private async Task ProbeAsync(AppHealthOptions health, CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            if (await IsHealthyAsync(health, stop).ConfigureAwait(false))
            {
                failures = 0;
                if (!sidecar.State.Healthy) await sidecar.AppHealthyAsync().ConfigureAwait(false);
            }
            else if (++failures >= health.Threshold && sidecar.State.Healthy)
            {
                await sidecar.AppUnhealthyAsync().ConfigureAwait(false);
            }
            // From the first answer on, good or bad: what is published once the sidecar says it is ready finds its subscription.
            sidecar.State.Ready = true;
            await Task.Delay(health.Interval, stop).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsHealthyAsync(AppHealthOptions health, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(health.Timeout);
        try
        {
            return await sidecar.App.ProbeAsync(health.Path, limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or RpcException || (fault is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }
}
