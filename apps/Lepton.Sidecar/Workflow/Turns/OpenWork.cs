using Lepton.Sidecar.Workflow.Protos;
using static Lepton.Sidecar.Workflow.Protos.HistoryEvent;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>
/// What a run has asked for and has no answer to yet: activities, timers, children. An answer is taken once; every further one, and one that nobody
/// asked for, is a duplicate. Not thread-safe.
/// </summary>
internal sealed class OpenWork
{
    private readonly Dictionary<int, HistoryEvent> tasks = [];
    private readonly Dictionary<int, HistoryEvent> timers = [];
    private readonly Dictionary<int, HistoryEvent> children = [];

    internal IReadOnlyDictionary<int, HistoryEvent> Tasks => tasks;

    internal IReadOnlyDictionary<int, HistoryEvent> Children => children;

    /// <summary>Notes what an event of the history asks for or answers.</summary>
    internal void Note(HistoryEvent entry)
    {
        switch (entry.EventTypeCase)
        {
            case EventTypeOneofCase.TaskScheduled: tasks[entry.EventId] = entry; break;
            case EventTypeOneofCase.TimerCreated: timers[entry.EventId] = entry; break;
            case EventTypeOneofCase.ChildWorkflowInstanceCreated: children[entry.EventId] = entry; break;
            case EventTypeOneofCase.EventRaised when timers.Count > 0: Arrived(entry.EventRaised.Name); break;
            default: Answer(entry); break;
        }
    }

    // The event that a wait was for has come: the oldest of the timers that limit such a wait never fires.
    private void Arrived(string name)
    {
        HistoryEvent? oldest = null;
        foreach (var timer in timers.Values)
        {
            if (name.Equals(EventOf(timer.TimerCreated), StringComparison.OrdinalIgnoreCase) && (oldest is null || timer.EventId < oldest.EventId)) oldest = timer;
        }
        if (oldest is not null) timers.Remove(oldest.EventId);
    }

    // Workers of before 1.18 say it by the timer's name.
    private static string? EventOf(TimerCreatedEvent timer) => timer.OriginCase switch
    {
        TimerCreatedEvent.OriginOneofCase.ExternalEvent => timer.ExternalEvent.Name,
        TimerCreatedEvent.OriginOneofCase.None when timer.HasName => timer.Name,
        _ => null,
    };

    /// <summary>Whether <paramref name="entry"/> answers something still open, which it then closes; always true for events that answer nothing.</summary>
    internal bool Answer(HistoryEvent entry) => entry.EventTypeCase switch
    {
        EventTypeOneofCase.TaskCompleted => tasks.Remove(entry.TaskCompleted.TaskScheduledId),
        EventTypeOneofCase.TaskFailed => tasks.Remove(entry.TaskFailed.TaskScheduledId),
        EventTypeOneofCase.TimerFired => timers.Remove(entry.TimerFired.TimerId),
        EventTypeOneofCase.ChildWorkflowInstanceCompleted => children.Remove(entry.ChildWorkflowInstanceCompleted.TaskScheduledId),
        EventTypeOneofCase.ChildWorkflowInstanceFailed => children.Remove(entry.ChildWorkflowInstanceFailed.TaskScheduledId),
        _ => true,
    };

    internal void Clear()
    {
        tasks.Clear();
        timers.Clear();
        children.Clear();
    }

    /// <summary>When the earliest timer is due; null when none ever will be.</summary>
    internal DateTimeOffset? NextTimer()
    {
        DateTimeOffset? next = null;
        foreach (var timer in timers.Values)
        {
            if (DueAt(timer) is { } due && (next is null || due < next)) next = due;
        }
        return next;
    }

    /// <summary>The timers due at <paramref name="now"/>, earliest first.</summary>
    internal IEnumerable<HistoryEvent> DueTimers(DateTimeOffset now) =>
        timers.Values.Where(timer => DueAt(timer) <= now).OrderBy(DueAt).ThenBy(timer => timer.EventId).ToArray();

    // The SDK's "no time limit" is a timer at the end of the calendar: it never fires.
    private static DateTimeOffset? DueAt(HistoryEvent timer)
    {
        if (timer.TimerCreated.FireAt is not { } fireAt) return DateTimeOffset.MinValue;
        return fireAt.Seconds >= EndOfCalendar ? null : Ceiling(fireAt.Seconds, fireAt.Nanos);
    }

    private static readonly long EndOfCalendar = new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static DateTimeOffset Ceiling(long seconds, int nanos) => DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks((nanos + 99) / 100);
}
