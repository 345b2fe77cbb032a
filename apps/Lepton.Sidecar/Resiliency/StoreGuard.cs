using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Resiliency;

/// <summary>A write to an emulated component under its outbound policies.</summary>
internal static class StoreGuard
{
    /// <summary>Only what the store could not do is made again: a refused one, such as by its ETag, is an answer.</summary>
    /// <exception cref="StorageException">The last attempt failed, timed out, or the breaker is open.</exception>
    internal static Task WriteAsync(this Guard guard, Func<Task> write) => guard.Empty ? write() : GuardedAsync(guard, write);

    private static async Task GuardedAsync(Guard guard, Func<Task> write)
    {
        var (fault, refusal) = await guard.RunAsync(async stop =>
        {
            try
            {
                await write().WaitAsync(stop).ConfigureAwait(false);
                return new Attempt<Exception?>(null, Verdict.Final);
            }
            catch (StorageException failed)
            {
                return new Attempt<Exception?>(failed, Verdict.Failed);
            }
            catch (Exception refused) when (refused is not OperationCanceledException)
            {
                return new Attempt<Exception?>(refused, Verdict.Final);
            }
        }, null, CancellationToken.None).ConfigureAwait(false);
        if (refusal != Refusal.None) throw new StorageException(refusal == Refusal.TimedOut ? "context deadline exceeded" : "circuit breaker is open");
        if (fault is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
    }
}
