namespace Lepton.Sidecar.Actors;

/// <summary>One call at a time, in the order they came. A call that belongs to the chain inside may enter too, up to a depth.</summary>
internal sealed class TurnLock
{
    private sealed record Waiter(string? Chain, TaskCompletionSource Entered);

    private readonly LinkedList<Waiter> waiting = [];
    private readonly Lock gate = new();
    private string? inside;
    private int depth;

    internal bool Taken
    {
        get
        {
            lock (gate) return depth > 0;
        }
    }

    /// <param name="chain">The reentrancy id of the call; null never re-enters.</param>
    /// <param name="maxDepth">How deep a chain may go; the outermost call is 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ActorFault">The chain is too deep.</exception>
    internal async Task EnterAsync(string? chain, int maxDepth, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (gate)
        {
            if (depth == 0)
            {
                (inside, depth) = (chain, 1);
                return;
            }
            if (chain is not null && chain == inside)
            {
                if (depth >= maxDepth) throw ActorFault.StackDepth();
                depth++;
                return;
            }
            place = waiting.AddLast(new Waiter(chain, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        using var cancellation = cancellationToken.Register(() => GiveUp(place, cancellationToken));
        await place.Value.Entered.Task.ConfigureAwait(false);
    }

    private void GiveUp(LinkedListNode<Waiter> place, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (place.List is null) return;
            waiting.Remove(place);
        }
        place.Value.Entered.TrySetCanceled(cancellationToken);
    }

    internal void Exit()
    {
        lock (gate)
        {
            if (--depth > 0) return;
            inside = null;
            if (waiting.First is not { } next) return;
            waiting.RemoveFirst();
            (inside, depth) = (next.Value.Chain, 1);
            next.Value.Entered.SetResult();
        }
    }
}
