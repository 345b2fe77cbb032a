using System.Runtime.ExceptionServices;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.State;

/// <summary>The items of one save or bulk delete, under the policies of their component. What failed is tried again, but not what an ETag refused.</summary>
internal sealed class Saving(StateComponent component, IReadOnlyList<StateWrite> writes)
{
    /// <summary>A call with more items than the writer has room for waits now and then; others find room meanwhile.</summary>
    private const int MostAtOnce = 4096;

    private IReadOnlyList<StateWrite> waiting = writes;

    internal async Task<ApiError?> RunAsync(Func<string, bool, ApiError> error)
    {
        if (component.Guard.Empty) return (await OnceAsync().ConfigureAwait(false)).Result is var (text, conflict) ? error(text, conflict) : null;
        var (made, refusal) = await component.Guard.RunAsync(stop => OnceAsync().WaitAsync(stop), null, CancellationToken.None).ConfigureAwait(false);
        if (refusal != Refusal.None) return error(refusal.Text(), false);
        return made is var (cause, refused) ? error(cause, refused) : null;
    }

    private async Task<Attempt<(string Text, bool Conflict)?>> OnceAsync()
    {
        var now = waiting;
        var stores = new Task[now.Count];
        for (var i = 0; i < stores.Length; i++)
        {
            stores[i] = now[i].Check(component, out var change) is { } wrong ? Task.FromException(new StorageException(wrong)) : component.Store.TransactAsync([change]);
            if (i % MostAtOnce == MostAtOnce - 1) await stores[i].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(stores).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        List<string>? conflicts = null, faults = null;
        var failed = new List<StateWrite>();
        for (var i = 0; i < stores.Length; i++)
        {
            if (stores[i].Exception?.InnerException is not { } cause) continue;
            if (cause is StateConflictException conflict)
            {
                (conflicts ??= []).Add(component.Mismatch(conflict));
                continue;
            }
            if (cause is not StorageException) ExceptionDispatchInfo.Throw(cause);
            (faults ??= []).Add(cause.Message);
            failed.Add(now[i]);
        }
        if (failed.Count > 0) waiting = failed;
        if (conflicts is null) return faults is null ? new(null, Verdict.Final) : new((string.Join('\n', faults), false), Verdict.Failed);
        // daprd tells of all conflicts together only where nothing else went wrong.
        if (faults is not null) return new((conflicts[0], true), Verdict.Failed);
        return new((now.Count == 1 ? conflicts[0] : $"{StateComponent.PossibleMismatch}: {string.Join('\n', conflicts)}", true), Verdict.Spent);
    }
}
