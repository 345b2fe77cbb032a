using Google.Protobuf;
using Grpc.Core;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Turns: what a worker gets, and what its answer does.</summary>
internal sealed partial class TaskHub
{
    // As in daprd: so many runs of ContinueAsNew may follow each other without a commit.
    private const int ContinueLimit = 20;

    private const int RepeatLimit = 5, FewTimers = 16;

    // A worker that asks for what is not known here may be replaced by another one: it gets the turn again, at this pace.
    private static readonly TimeSpan AfterUnknownAction = TimeSpan.FromSeconds(1);

    /// <summary>What is to be done once a turn is on disk.</summary>
    private sealed record Effects(LiveInstance Instance, Task Written, List<ActivityStart> Activities, List<WorkflowStore.StoredMessage> Messages, WorkflowState? State)
    {
        internal long Key { get; } = Instance.Key;

        internal int Generation { get; } = Instance.Generation;
    }

    /// <summary>Sends work to a worker until its stream ends.</summary>
    internal Task ServeWorkerAsync(IServerStreamWriter<WorkItem> writer, bool sendTokens, CancellationToken cancellationToken)
    {
        // A worker that has just come may have the version that stalled instances lack.
        foreach (var id in stalled.Keys) Unblock(id);
        return queue.ServeAsync(writer, sendTokens, cancellationToken);
    }

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> stalled = new(StringComparer.Ordinal);

    private void Unblock(string id)
    {
        stalled.TryRemove(id, out _);
        With(id, instance =>
        {
            instance.Blocked = false;
            Ready(instance);
            return true;
        });
    }

    private void Ready(LiveInstance instance)
    {
        if (!instance.Exists || instance.Finished || instance.Blocked || instance.Busy || instance.Queued || (instance.Inbox.Count == 0 && !instance.LookAgain)) return;
        if (instance.ScheduledStart() is { } start && start > clock.Now) return;
        instance.Queued = true;
        queue.Add(new TurnWork(this, instance));
    }

    /// <summary>The turn a worker is to do now, or null when there is none any more.</summary>
    internal WorkItem? TakeTurn(LiveInstance instance, TurnWork work)
    {
        lock (instance.Gate)
        {
            if (instance.Retired || !instance.Queued || instance.InHand is not null) return null;
            instance.Queued = false;
            var next = instance.Next;
            var upTo = next?.InboxUpTo ?? TurnEnd(instance);
            var events = next?.Events ?? InboxEvents(instance, upTo);
            if (events.Count == 0 || instance.Finished) return null;
            if (TooLargeTurn(instance, events) is { } size)
            {
                StallForSize(instance, size);
                return null;
            }
            var turn = new Turn(instance.Id, events, instance.Generation > 0);
            (instance.InHand, instance.LookAgain) = (new TurnInHand(turn, work, upTo, next), false);
            var request = new WorkflowRequest { InstanceId = instance.Id, NewEvents = { events } };
            if (next is null) request.PastEvents.AddRange(instance.History.Events);
            if ((next is null ? instance.Received : next.Received) is { } received) request.PropagatedHistory = received;
            return new WorkItem { WorkflowRequest = request };
        }
    }

    // As with daprd a turn ends with the first timer that fired, and the next one has a turn of its own; where many have, a turn each would take too long.
    private static long TurnEnd(LiveInstance instance)
    {
        if (instance.LostUpTo is { } lost) return lost;
        if (instance.Inbox.Count == 0) return -1;
        var (first, timers) = (0L, 0);
        foreach (var (seq, entry) in instance.Inbox)
        {
            if (entry.TimerFired is null) continue;
            if (timers++ == 0) first = seq;
            if (timers > FewTimers) break;
        }
        return timers is 0 or > FewTimers ? instance.Inbox[^1].Seq : first;
    }

    private List<HistoryEvent> InboxEvents(LiveInstance instance, long upTo)
    {
        if (instance.Inbox.Count == 0) return instance.LookAgain ? [HistoryEvents.TurnStarted(clock.Next())] : [];
        List<HistoryEvent> events = instance.Inbox[0].Event.WorkflowStarted is null ? [HistoryEvents.TurnStarted(clock.Next())] : [];
        foreach (var entry in instance.Inbox)
        {
            if (entry.Seq <= upTo) events.Add(entry.Event);
        }
        return events;
    }

    /// <summary>The worker of a turn is gone: the turn goes to another one, from what is committed.</summary>
    internal void LoseTurn(LiveInstance instance, TurnWork work)
    {
        lock (instance.Gate)
        {
            if (instance.InHand is { } hand && hand.Work == work) Repeat(instance, hand);
        }
    }

    // The same events again: an answer of the worker that left, should it still come, then answers this turn too.
    private void Repeat(LiveInstance instance, TurnInHand hand, bool later = false)
    {
        (instance.InHand, instance.Doubtful) = (null, true);
        if (hand.Continues is not null)
        {
            instance.Queued = true;
            queue.Add(new TurnWork(this, instance));
            return;
        }
        if (hand.InboxUpTo >= 0) instance.LostUpTo = hand.InboxUpTo;
        else instance.LookAgain = true;
        RunDeferred(instance);
        if (later) _ = ResumeLaterAsync(instance.Id, AfterUnknownAction);
        else Ready(instance);
    }

    /// <summary>Takes a worker's answer; one that nobody waits for is ignored.</summary>
    internal async Task CompleteTurnAsync(WorkflowResponse response)
    {
        var size = response.CalculateSize();
        if (size > maxMessage) response = Refusal(response, size);
        if (With(response.InstanceId, instance => Answer(instance, response, large: size > MostOfTurn)) is { } effects) await ActAsync(effects).ConfigureAwait(false);
    }

    private Effects? Answer(LiveInstance instance, WorkflowResponse response, bool large)
    {
        if (instance.InHand is not { } hand)
        {
            Doubt(instance, response);
            return null;
        }
        if (hand.Work.IsOther(response.CompletionToken)) return null;
        if (response.Actions.Any(static action => action.WorkflowActionTypeCase == WorkflowAction.WorkflowActionTypeOneofCase.None))
        {
            queue.Forget(hand.Work);
            Repeat(instance, hand, later: true);
            return null;
        }
        var history = hand.Continues is null ? instance.History : new RunHistory();
        if ((IsOld(history, response) || IsOfLastRun(instance, hand, response)) && instance.Repeats++ < RepeatLimit)
        {
            queue.Forget(hand.Work);
            Repeat(instance, hand);
            return null;
        }
        instance.Took(MarkOf(response));
        instance.LookAt = instance.Doubtful && response.CompletionToken.Length == 0 && hand.InboxUpTo >= 0 ? clock.Now + AfterDoubt : null;
        (instance.LostUpTo, instance.Repeats) = (null, 0);
        var outcome = TurnApplier.Apply(history, hand.Turn, response, AppId, clock.Next, hand.Continues is null ? instance.Received : hand.Continues.Received);
        if (large && TooLargeActivity(outcome) is { } tooLarge) outcome = tooLarge;
        queue.Forget(hand.Work);
        if (outcome.NextRun is { } run) return Continue(instance, hand, run, outcome);
        (instance.InHand, instance.Next) = (null, null);
        return outcome.Stalled ? Stall(instance, outcome) : Commit(instance, hand, outcome);
    }

    private Effects? Continue(LiveInstance instance, TurnInHand hand, List<HistoryEvent> run, TurnOutcome outcome)
    {
        var next = new Continuation(run, (hand.Continues?.Count ?? 0) + 1, hand.InboxUpTo, outcome.CustomStatus, outcome.NextReceived ?? (hand.Continues is null ? instance.Received : hand.Continues.Received));
        (instance.InHand, instance.Next) = (null, next);
        if (next.Count > ContinueLimit) return CommitContinuation(instance, next);
        instance.Queued = true;
        queue.Add(new TurnWork(this, instance));
        return null;
    }

    // The new run has begun; its first turn holds what was carried over and what came meanwhile.
    private Effects CommitContinuation(LiveInstance instance, Continuation next)
    {
        var later = instance.Inbox.Where(entry => entry.Seq > next.InboxUpTo && !HistoryEvents.AnswersAction(entry.Event)).Select(entry => entry.Event).ToArray();
        var last = instance.Inbox.Count == 0 ? next.InboxUpTo : instance.Inbox[^1].Seq;
        instance.Inbox.Clear();
        instance.BeginRun();
        (instance.Next, instance.CustomStatus, instance.Received) = (null, next.CustomStatus, next.Received);
        var begun = next.Events.Where(static entry => entry.EventRaised is null).ToList();
        instance.History.AddRange(begun);
        HistoryEvent[] first = [HistoryEvents.TurnStarted(clock.Next()), .. next.Events.Where(static entry => entry.EventRaised is not null), .. later];
        var entries = first.Select(instance.Accept).Select(entry => (entry.Seq, Bytes: entry.Event.ToByteArray())).ToArray();
        var (row, history, bytes) = (instance.ToRow(), instance.NextHistory++, Record(instance, begun));
        var written = Persist(instance, write =>
        {
            WorkflowStore.ClearInbox(write, row.Key, last);
            WorkflowStore.ClearHistory(write, row.Key);
            WorkflowStore.AddHistory(write, row.Key, history, bytes);
            foreach (var (seq, entry) in entries) WorkflowStore.AddToInbox(write, row.Key, seq, entry);
            WorkflowStore.Update(write, row);
            if (next.Received is not null) WorkflowStore.Receive(write, row.Key, next.Received);
        });
        return Finish(instance, written, new TurnOutcome(), []);
    }

    private Effects Stall(LiveInstance instance, TurnOutcome outcome)
    {
        instance.Blocked = true;
        stalled[instance.Id] = true;
        instance.History.AddRange(outcome.Events);
        var (row, seq, bytes) = (instance.ToRow(), instance.NextHistory++, Record(instance, outcome.Events));
        var written = outcome.Events.Count == 0 ? Task.CompletedTask : Persist(instance, write =>
        {
            WorkflowStore.AddHistory(write, row.Key, seq, bytes);
            WorkflowStore.Update(write, row);
        });
        return Finish(instance, written, new TurnOutcome(), []);
    }

    private Effects Commit(LiveInstance instance, TurnInHand hand, TurnOutcome outcome)
    {
        var replaces = hand.Continues is not null;
        var received = hand.Continues?.Received;
        if (replaces)
        {
            instance.BeginRun();
            instance.Received = received;
        }
        instance.Inbox.RemoveAll(entry => entry.Seq <= hand.InboxUpTo);
        instance.History.AddRange(outcome.Events);
        foreach (var entry in outcome.Events) instance.Open.Note(entry);
        instance.CustomStatus = outcome.CustomStatus;
        var clearUpTo = hand.InboxUpTo;
        var dropped = replaces ? instance.Inbox.Where(entry => HistoryEvents.AnswersAction(entry.Event)).Select(entry => entry.Seq).ToArray() : [];
        if (replaces) instance.Inbox.RemoveAll(entry => HistoryEvents.AnswersAction(entry.Event));
        if (instance.Finished)
        {
            if (instance.Inbox.Count > 0) clearUpTo = instance.Inbox[^1].Seq;
            instance.Inbox.Clear();
            instance.Open.Clear();
            instance.PurgeAt = clock.Now + settings.Retention.For(instance.History.Status);
        }
        var (row, history, bytes) = (instance.ToRow(), instance.NextHistory++, Record(instance, outcome.Events));
        var messages = outcome.Messages.Select(message => new WorkflowStore.StoredMessage(WorkflowStore.NewKey(), message)).ToList();
        var written = Persist(instance, write =>
        {
            if (replaces) WorkflowStore.ClearHistory(write, row.Key);
            if (received is not null) WorkflowStore.Receive(write, row.Key, received);
            WorkflowStore.AddHistory(write, row.Key, history, bytes);
            WorkflowStore.ClearInbox(write, row.Key, clearUpTo);
            foreach (var seq in dropped) WorkflowStore.RemoveFromInbox(write, row.Key, seq);
            WorkflowStore.Update(write, row);
            foreach (var message in messages) store.AddMessage(write, message);
        });
        return Finish(instance, written, outcome, messages);
    }

    private Effects Finish(LiveInstance instance, Task written, TurnOutcome outcome, List<WorkflowStore.StoredMessage> messages)
    {
        var state = waits.Any(instance.Id) ? StateOf(instance) : null;
        var effects = new Effects(instance, written, outcome.Activities, messages, state);
        SetWake(instance);
        RunDeferred(instance);
        Ready(instance);
        return effects;
    }

    private static void RunDeferred(LiveInstance instance)
    {
        while (instance.Deferred.TryDequeue(out var call)) call.Run(instance);
    }

    private static byte[] Record(LiveInstance instance, List<HistoryEvent> events)
    {
        var bytes = new GetInstanceHistoryResponse { Events = { events } }.ToByteArray();
        instance.HistorySize += bytes.Length;
        return bytes;
    }

    private async Task ActAsync(Effects effects)
    {
        await effects.Written.ConfigureAwait(false);
        foreach (var start in effects.Activities) Dispatch(effects.Instance.Id, effects.Key, effects.Generation, start);
        foreach (var message in effects.Messages) _ = DeliverAsync(message);
        if (effects.State is { } state) waits.Tell(state.InstanceId, state);
    }
}
