using Lepton.Cli.Ledger;
using Lepton.Cli.Pipelines;
using Lepton.Contracts.Events;
using Lepton.Inference.Sources;

namespace Lepton.Cli.Devices;

/// <summary>Sends the events of one feed: a bounded number in flight, each into the ledger once it is acknowledged.</summary>
internal sealed class Generator(EventPublisher publisher, LedgerWriter ledger, RecentPayloads recent, TimeProvider time)
{
    private const int MostInFlight = 64;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <summary>Sends every event from where the ledger stops, until the feed ends or <paramref name="stop"/> is cancelled; then waits for those in flight.</summary>
    public async Task RunAsync(string pipeline, IAsyncEnumerable<SourceEvent> events, Rate rate, CancellationToken stop)
    {
        var pacer = new Pacer(rate, time);
        using var places = new SemaphoreSlim(MostInFlight);
        using var giveUp = new CancellationTokenSource();
        Exception? failure = null;
        var position = -1L;
        try
        {
            await foreach (var one in events.WithCancellation(stop))
            {
                position++;
                if (ledger.Holds(position))
                {
                    continue;
                }

                await pacer.WaitAsync(stop);
                await places.WaitAsync(stop);
                if (failure is not null)
                {
                    places.Release();
                    break;
                }

                _ = SendAsync(position, one);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop: what is in flight may still land.
        }

        giveUp.CancelAfter(LastWords);
        for (var i = 0; i < MostInFlight; i++)
        {
            await places.WaitAsync(CancellationToken.None);
        }

        if (failure is not null)
        {
            throw failure;
        }

        async Task SendAsync(long at, SourceEvent one)
        {
            try
            {
                var cloudEvent = new CloudEvent
                {
                    Id = one.Id,
                    Source = one.Device,
                    Type = EventTypes.Event,
                    Time = one.Time,
                    DataContentType = one.ContentType,
                    Data = one.Data,
                    IsBinary = !one.ContentType.Contains("json", StringComparison.Ordinal),
                };
                recent.Keep(pipeline, cloudEvent);
                var sent = time.GetUtcNow();
                await publisher.PublishAsync(pipeline, cloudEvent, giveUp.Token);
                ledger.Append(new LedgerLine(at, cloudEvent.Source, cloudEvent.Id, sent, one.Data.Length, one.Truth));
            }
            catch (OperationCanceledException)
            {
                // Never acknowledged, so not in the ledger: nobody was promised anything.
            }
            catch (Exception error) when (error is CommandException or IOException)
            {
                failure = error;
            }
            finally
            {
                places.Release();
            }
        }
    }
}
