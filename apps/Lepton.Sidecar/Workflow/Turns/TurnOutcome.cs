using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>What an answered turn means for its instance. Nothing of it has happened yet: the hub commits it and then acts.</summary>
internal sealed class TurnOutcome
{
    /// <summary>The events to append, in order: those of the turn and those made from the worker's actions.</summary>
    internal List<HistoryEvent> Events { get; } = [];

    internal List<ActivityStart> Activities { get; } = [];

    internal List<WorkflowMessage> Messages { get; } = [];

    /// <summary>The first events of the next run when the worker asked for ContinueAsNew; then <see cref="Events"/> means nothing.</summary>
    internal List<HistoryEvent>? NextRun { get; set; }

    /// <summary>What the next run is told of the history before it.</summary>
    internal PropagatedHistory? NextReceived { get; set; }

    /// <summary>The instance cannot go on with this worker: only the stalled event is committed, what the turn held stays in the inbox.</summary>
    internal bool Stalled { get; set; }

    internal string? CustomStatus { get; set; }
}

/// <summary>An activity to run: its taskScheduled event, the app that is to run it (null: this one), and what it is told of the history.</summary>
internal readonly record struct ActivityStart(HistoryEvent Scheduled, string? App, PropagatedHistory? Told);

/// <summary>An event for another instance. <paramref name="Child"/>, when given, is the child whose result it is: the target has to wait for that one.</summary>
internal sealed record WorkflowMessage(string App, string Instance, string? Child, HistoryEvent Event, PropagatedHistory? Told = null);

/// <summary>A turn as it was handed to a worker.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Events">The new events, workflowStarted first.</param>
/// <param name="Continues">The run goes on from another one: results of what that one asked for may be among the events.</param>
internal sealed record Turn(string InstanceId, IReadOnlyList<HistoryEvent> Events, bool Continues = false);
