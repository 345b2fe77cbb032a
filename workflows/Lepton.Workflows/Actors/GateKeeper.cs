using Dapr.Actors;
using Dapr.Actors.Runtime;
using Lepton.Decisions;

namespace Lepton.Workflows.Actors;

/// <summary>Keeps what the gate of a pipeline has learned on this node.</summary>
public interface IGateKeeper : IActor
{
    /// <summary>Adds the ending of one escalation; repeating it changes nothing. Returns the state after it.</summary>
    Task<GateState> FeedBackAsync(GateNote note);

    /// <summary>What was learned so far.</summary>
    Task<GateState> ReadAsync();
}

/// <summary>The ending of one escalation.</summary>
/// <param name="Key">The event's key.</param>
/// <param name="Ending">How it ended.</param>
/// <param name="AnsweredLocally">Whether an answer had been published before.</param>
public sealed record GateNote(string Key, Ending Ending, bool AnsweredLocally);

internal sealed class GateKeeper : Actor, IGateKeeper
{
    private SeenKeys seen;

    public GateKeeper(ActorHost host)
        : base(host) => seen = new SeenKeys(StateManager, "seen");

    public async Task<GateState> FeedBackAsync(GateNote note)
    {
        var state = await ReadAsync();
        if ((await seen.AddAsync([note.Key])).Count == 0)
        {
            return state;
        }

        state = state.With(new Feedback(note.Ending, note.AnsweredLocally));
        await StateManager.SetStateAsync("gate", state);
        return state;
    }

    public async Task<GateState> ReadAsync()
    {
        var kept = await StateManager.TryGetStateAsync<GateState>("gate");
        return kept.HasValue ? kept.Value : new GateState();
    }

    // A failed turn is not saved: what was remembered in memory meanwhile must go as well.
    protected override Task OnActorMethodFailedAsync(ActorMethodContext actorMethodContext, Exception e)
    {
        seen = new SeenKeys(StateManager, "seen");
        return Task.CompletedTask;
    }
}
