using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.State;

/// <summary>Removes values whose time is over; readers have not seen them since.</summary>
internal sealed class ExpirySweep : IAsyncDisposable
{
    private const int Step = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    internal ExpirySweep(Database database, TimeProvider time) => loop = LoopAsync(database, time);

    internal static Task<int> SweepAsync(Database database, TimeProvider time) => database.WriteAsync(transaction => transaction.Execute(
        "DELETE FROM state WHERE (world, key) IN (SELECT world, key FROM state WHERE expires IS NOT NULL AND expires<=?1 LIMIT ?2)",
        time.GetUtcNow().ToUnixTimeMilliseconds(), Step));

    private async Task LoopAsync(Database database, TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pause, time, stop.Token).ConfigureAwait(false);
                try
                {
                    while (await SweepAsync(database, time).ConfigureAwait(false) == Step) { }
                }
                catch (StorageException)
                {
                    // No room to delete in; the next round may have some.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The runtime stops.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        stop.Dispose();
    }
}
