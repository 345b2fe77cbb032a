using Lepton.Sidecar.Workflow.Protos;
using static Lepton.Sidecar.Workflow.Protos.HistoryEvent;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>The history of one run of an instance, and the state that follows from it. Not thread-safe.</summary>
internal sealed class RunHistory
{
    private readonly List<HistoryEvent> events = [];
    private List<string>? patches;

    internal IReadOnlyList<HistoryEvent> Events => events;

    /// <summary>The executionStarted event of this run, null before the first turn is committed.</summary>
    internal HistoryEvent? Started { get; private set; }

    /// <summary>The highest id of an action of this run, -1 before the first.</summary>
    internal int LastAction { get; private set; } = -1;

    internal ExecutionCompletedEvent? Completed { get; private set; }

    internal bool Suspended { get; private set; }

    internal bool Stalled => events.Count > 0 && events[^1].EventTypeCase == EventTypeOneofCase.ExecutionStalled;

    /// <summary>The run was begun from an event of another instance.</summary>
    internal bool Forked { get; private set; }

    internal IReadOnlyList<string> Patches => patches ?? [];

    /// <summary>The name of the version the first turn was done with, if its worker gave one.</summary>
    internal string Version { get; private set; } = "";

    internal OrchestrationStatus Status =>
        Stalled ? OrchestrationStatus.Stalled :
        Started is null ? OrchestrationStatus.Pending :
        Completed is not null ? Completed.WorkflowStatus :
        Suspended ? OrchestrationStatus.Suspended : OrchestrationStatus.Running;

    internal void Add(HistoryEvent entry)
    {
        events.Add(entry);
        if (entry.EventId > LastAction) LastAction = entry.EventId;
        switch (entry.EventTypeCase)
        {
            case EventTypeOneofCase.ExecutionStarted: Started ??= entry; break;
            case EventTypeOneofCase.ExecutionCompleted: Completed ??= entry.ExecutionCompleted; break;
            case EventTypeOneofCase.ExecutionSuspended: Suspended = true; break;
            case EventTypeOneofCase.ExecutionResumed: Suspended = false; break;
            case EventTypeOneofCase.TaskScheduled: Forked |= entry.TaskScheduled.RerunParentInstanceInfo is not null; break;
            case EventTypeOneofCase.TimerCreated: Forked |= entry.TimerCreated.RerunParentInstanceInfo is not null; break;
            case EventTypeOneofCase.ChildWorkflowInstanceCreated: Forked |= entry.ChildWorkflowInstanceCreated.RerunParentInstanceInfo is not null; break;
            case EventTypeOneofCase.WorkflowStarted when entry.WorkflowStarted.Version is { } version:
                if (version.Patches.Count > 0) (patches ??= []).AddRange(version.Patches);
                if (version.HasName && events.FindIndex(static at => at.WorkflowStarted is not null) == events.Count - 1) Version = version.Name;
                break;
        }
    }

    /// <summary>Whether this run asked for what <paramref name="answer"/>, the result of an activity or child, answers.</summary>
    internal bool AskedFor(HistoryEvent answer) => HistoryEvents.ResultOf(answer) is not { } result ||
        events.Exists(entry => entry.EventId == result.Id && entry.EventTypeCase == result.Asked);

    internal void AddRange(IEnumerable<HistoryEvent> entries)
    {
        foreach (var entry in entries) Add(entry);
    }
}
