using System.Collections.Frozen;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Pipelines;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Gates;

/// <summary>The gates of this process, kept up to date: each asks its keeper twice a second whether there is anything new.</summary>
internal sealed class GateBoard : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    private readonly FrozenDictionary<string, GateReplica> gates;
    private readonly TimeProvider time;
    private readonly ILogger<GateBoard> log;

    public GateBoard(PipelineBook book, Residents residents, UpLink link, TimeProvider time, ILogger<GateBoard> log)
    {
        (this.time, this.log) = (time, log);
        gates = book.Tiers.Where(tier => tier.Gate is not null).ToFrozenDictionary(tier => tier.Pipeline.Name, tier => new GateReplica(tier, tier.Gate!, residents, link, time, log));
    }

    /// <summary>The gates by name; a pipeline that has no tier above has none.</summary>
    public IEnumerable<GateReplica> Gates => gates.Values.OrderBy(gate => gate.Pipeline, StringComparer.Ordinal);

    public GateReplica? Of(string pipeline) => gates.GetValueOrDefault(pipeline);

    /// <summary>The gate of a pipeline once its keeper was reached; null where there is none. Without it nothing can be decided: not even the coin can be drawn.</summary>
    public async ValueTask<GateReplica?> ReadyAsync(string pipeline, CancellationToken cancellationToken)
    {
        if (Of(pipeline) is not { } gate)
        {
            return null;
        }

        while (gate.Current is null)
        {
            try
            {
                await gate.RefreshAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
            {
                Log.GateAway(log, pipeline, error.Message);
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }

        return gate;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var gate in gates.Values)
            {
                try
                {
                    await gate.RefreshAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    // Decided on is what is held; whoever needs a gate for the first time waits for it.
                    Log.GateAway(log, gate.Pipeline, error.Message);
                }
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
