using System.Runtime.ExceptionServices;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Resiliency;

/// <summary>A call to an emulated component under its outbound policies.</summary>
internal static class StoreGuard
{
    /// <summary>
    /// What the store could not do is made again. One that is <paramref name="refused"/>, such as by its ETag, counts as failed too; whether it is made again depends on the
    /// call, as in daprd.
    /// </summary>
    /// <exception cref="StorageException">The last attempt failed, timed out, or the breaker is open.</exception>
    internal static Task WriteAsync(this Guard guard, Func<Task> write, Verdict refused = Verdict.Spent) => guard.Empty ? write() : guard.CallAsync(async () =>
    {
        await write().ConfigureAwait(false);
        return true;
    }, refused);

    /// <summary>The same for a call with a result.</summary>
    /// <exception cref="StorageException">The last attempt failed, timed out, or the breaker is open.</exception>
    internal static async Task<T> CallAsync<T>(this Guard guard, Func<Task<T>> call, Verdict refused = Verdict.Spent)
    {
        if (guard.Empty) return await call().ConfigureAwait(false);
        var (made, refusal) = await guard.RunAsync(async stop =>
        {
            try
            {
                return new Attempt<(T Result, Exception? Fault)>((await call().WaitAsync(stop).ConfigureAwait(false), null), Verdict.Final);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                return new Attempt<(T Result, Exception? Fault)>((default!, fault), fault is StorageException ? Verdict.Failed : refused);
            }
        }, null, CancellationToken.None).ConfigureAwait(false);
        if (refusal != Refusal.None) throw new StorageException(refusal.Text());
        if (made.Fault is { } last) ExceptionDispatchInfo.Throw(last);
        return made.Result;
    }
}
