using Dapr.Actors.Runtime;
using Lepton.Decisions.Feasibility;
using Lepton.Workflows.Pipelines;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Actors;

/// <summary>Keeps what the gate of a pipeline has learned: counts, calibration, and the secret of its coin. All of one feedback's traces are written in one transaction.</summary>
internal sealed class GateKeeper(ActorHost host, PipelineBook book, TimeProvider time, ILogger<GateKeeper> log) : Actor(host), IGateKeeper
{
    private SeenKeys? seen;
    private GateJournal? journal;

    public async Task FeedBackAsync(GateNote note)
    {
        seen ??= new SeenKeys(StateManager, "seen");
        if ((await seen.AddAsync([note.Key])).Count == 0)
        {
            return;
        }

        var known = await JournalAsync();
        await known.CountAsync(counts => Count(counts, note));
        if (note.Label is { } label && note.Calibration == known.Page.Calibration)
        {
            await known.LearnAsync(label, note.Reference, time.GetUtcNow());
        }
    }

    public async Task AlarmAsync(GateAlarm alarm)
    {
        var known = await JournalAsync();
        if (alarm.Calibration == known.Page.Calibration)
        {
            await known.AlarmAsync(alarm.Epoch, alarm.Kind, time.GetUtcNow());
        }
    }

    public async Task<GateNews?> ReadAsync(long version)
    {
        var known = await JournalAsync();
        return known.Page.Version == version ? null : new GateNews(known.Page, known.Archive(), await known.SaltAsync());
    }

    // A failed turn is not saved: what was remembered in memory meanwhile must go as well.
    protected override Task OnActorMethodFailedAsync(ActorMethodContext actorMethodContext, Exception e)
    {
        (seen, journal) = (null, null);
        return Task.CompletedTask;
    }

    private static GateCounts Count(GateCounts counts, GateNote note) => (note.Audit, note.Ending) switch
    {
        (true, ReasonNames.Corrected) => counts with { Audited = counts.Audited + 1, AuditedWrong = counts.AuditedWrong + 1 },
        (true, _) => counts with { Audited = counts.Audited + 1 },
        (_, ReasonNames.Confirmed) => counts with { Agreed = counts.Agreed + 1 },
        (_, ReasonNames.Corrected) => counts with { Disagreed = counts.Disagreed + 1, WronglyProvisional = counts.WronglyProvisional + (note.AnsweredLocally ? 1 : 0) },
        (_, ReasonNames.Expired) => counts with { Expired = counts.Expired + 1 },
        _ => counts with { Refused = counts.Refused + 1 },
    };

    private async Task<GateJournal> JournalAsync() => journal ??= await GateJournal.OpenAsync(
        StateManager, Id.GetId(), book.Tier(Id.GetId())?.Gate ?? throw new InvalidOperationException($"pipeline '{Id.GetId()}' has no gate on this node; put its file there again"), log);
}
