using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Answers of workers that send no completion tokens back: which of them are old ones, and what becomes of an instance where one may have been.</summary>
internal sealed partial class TaskHub
{
    // Where a worker with the right answer dies before it sends it, nothing ever tells that an old one was taken in its stead. So a doubtful instance that then
    // stays at rest for so long, which no late answer takes, is looked at once more, by the runtime's next run if need be.
    private static readonly TimeSpan AfterDoubt = TimeSpan.FromSeconds(15);

    // A worker that sends no tokens back may have had an answer that was sent twice or came late taken for that of a later turn. It shows: an action that is in
    // the history already is of an old answer, and then the turn is done again; and once one was taken that was like one before it, another one for which no
    // turn is out may be the one that was right: then the worker looks at the instance once more, without a new event.
    private static bool IsOld(RunHistory history, WorkflowResponse response) =>
        response.Actions.Any(action => action.CompleteWorkflow is null && action.Id <= history.LastAction && history.Events.Any(entry => entry.EventId == action.Id));

    // Across a ContinueAsNew the ids of actions begin anew. The official worker gives each execution of an activity an id of its own, which no later run repeats.
    private static bool IsOfLastRun(LiveInstance instance, TurnInHand hand, WorkflowResponse response)
    {
        var last = hand.Continues is null ? instance.LastExecutions : LiveInstance.ExecutionsOf(instance.History);
        return last is not null && response.Actions.Any(action => action.ScheduleTask is { } task && last.Contains(task.TaskExecutionId));
    }

    private void Doubt(LiveInstance instance, WorkflowResponse response)
    {
        if (response.CompletionToken.Length > 0 || !instance.Exists || instance.Finished || !instance.Doubtful || instance.LastAnswer == MarkOf(response)) return;
        instance.LookAgain = true;
        Ready(instance);
    }

    private static int MarkOf(WorkflowResponse response) => HashCode.Combine(response.Actions, response.CustomStatus);
}
