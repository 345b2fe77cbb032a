using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// An instance id in memory: a cache of what is stored, ahead of the disk by the writes under way. All members are read and changed under <see cref="Gate"/>.
/// </summary>
internal sealed class LiveInstance(string id)
{
    /// <summary>The stored columns of an instance.</summary>
    internal sealed record Row(long Key, string Id, int Generation, bool Open, int Tasks, DateTimeOffset? Wake, string? CustomStatus);

    private long nextInbox;
    private ulong answers;

    internal Lock Gate { get; } = new();

    internal string Id => id;

    internal bool Loaded { get; private set; }

    /// <summary>No longer in the hub's table: whoever still holds this object must look the id up again.</summary>
    internal bool Retired { get; set; }

    /// <summary>0 while no instance of this id exists.</summary>
    internal long Key { get; private set; }

    internal int Generation { get; private set; }

    internal RunHistory History { get; private set; } = new();

    internal long NextHistory { get; set; }

    /// <summary>Bytes of the committed history.</summary>
    internal long HistorySize { get; set; }

    internal List<InboxEntry> Inbox { get; } = [];

    internal OpenWork Open { get; } = new();

    internal string? CustomStatus { get; set; }

    /// <summary>What its starter told it of the histories before it.</summary>
    internal PropagatedHistory? Received { get; set; }

    /// <summary>The turn a worker has in hand.</summary>
    internal TurnInHand? InHand { get; set; }

    /// <summary>The next run of a ContinueAsNew that is not committed yet: it goes to a worker at once, without a commit in between.</summary>
    internal Continuation? Next { get; set; }

    /// <summary>The last inbox entry of a turn whose worker left: the turn is done again with the same events.</summary>
    internal long? LostUpTo { get; set; }

    /// <summary>A turn without a new event is due.</summary>
    internal bool LookAgain { get; set; }

    /// <summary>When a turn without a new event is due, should nothing else have happened until then.</summary>
    internal DateTimeOffset? LookAt { get; set; }

    /// <summary>A mark of the last answer that was taken.</summary>
    internal int? LastAnswer { get; private set; }

    /// <summary>
    /// An answer may have been an old one that came again: it was like one before it (or its mark is), a turn was given out twice, or what was answered before a
    /// restart is not known. Then each answer after it may be that of the turn before its own: the doubt stays.
    /// </summary>
    internal bool Doubtful { get; set; }

    internal void Took(int mark)
    {
        var bit = 1ul << (mark & 63);
        LastAnswer = mark;
        Doubtful |= (answers & bit) != 0;
        answers |= bit;
    }

    /// <summary>The activities of the run before this one, where their ids are unique; null when there are none.</summary>
    internal HashSet<string>? LastExecutions { get; private set; }

    /// <summary>The executions of a run's activities that have an id nobody else has.</summary>
    internal static HashSet<string>? ExecutionsOf(RunHistory history)
    {
        HashSet<string>? ids = null;
        foreach (var entry in history.Events)
        {
            if (entry.TaskScheduled is { TaskExecutionId.Length: >= UniqueLength } task) (ids ??= []).Add(task.TaskExecutionId);
        }
        return ids;
    }

    private const int UniqueLength = 32;

    /// <summary>How often the turn in hand was given out again because of an old answer.</summary>
    internal int Repeats { get; set; }

    /// <summary>Whether a turn waits in the work queue.</summary>
    internal bool Queued { get; set; }

    /// <summary>Calls that wait for the turn in hand to be answered, in the order they came.</summary>
    internal Queue<DeferredCall> Deferred { get; } = new();

    internal Task LastWrite { get; set; } = Task.CompletedTask;

    /// <summary>No turn before a new worker comes: the instance is stalled.</summary>
    internal bool Blocked { get; set; }

    internal bool InIdleList { get; set; }

    internal DateTimeOffset? WakeAt { get; set; }

    /// <summary>The name of its workflow.</summary>
    internal string Name => Started?.Name ?? "";

    internal ParentInstanceInfo? Parent => Started?.ParentInstance;

    internal string? Execution => Started?.WorkflowInstance?.ExecutionId;

    private ExecutionStartedEvent? Started =>
        (History.Started ?? Inbox.Select(static entry => entry.Event).FirstOrDefault(static entry => entry.ExecutionStarted is not null))?.ExecutionStarted;

    internal bool Exists => Key != 0;

    internal bool Busy => InHand is not null || Next is not null;

    internal bool Finished => History.Completed is not null;

    /// <summary>Nothing in memory would be missed: it can be read from the store again.</summary>
    internal bool Idle => !Blocked && !Busy && !Queued && Deferred.Count == 0 && Open.Tasks.Count == 0 && LastWrite.IsCompletedSuccessfully;

    internal void Load(WorkflowStore.Stored? stored)
    {
        Loaded = true;
        if (stored is null) return;
        (Key, Generation, CustomStatus, NextHistory, HistorySize) = (stored.Key, stored.Generation, stored.CustomStatus, stored.NextHistory, stored.HistorySize);
        (Received, Doubtful) = (stored.Received, true);
        History.AddRange(stored.History);
        foreach (var entry in stored.History) Open.Note(entry);
        foreach (var entry in stored.Inbox) Open.Answer(entry.Event);
        Inbox.AddRange(stored.Inbox);
        nextInbox = Inbox.Count == 0 ? 0 : Inbox[^1].Seq + 1;
        if (Finished) Open.Clear();
        // A stored time at which nothing else is due is that of a look.
        else if (stored.Wake is { } wake && Inbox.Count == 0 && !(NextWake() - wake <= TimeSpan.FromMilliseconds(1))) LookAt = wake;
    }

    /// <summary>Begins a new incarnation of the id, or (0) none.</summary>
    internal void Reset(long key, PropagatedHistory? received = null)
    {
        (Received, LastExecutions) = (received, null);
        (Key, Generation, CustomStatus, NextHistory, HistorySize, nextInbox) = (key, 0, null, 0, 0, 0);
        (InHand, Next, Queued, WakeAt, Blocked) = (null, null, false, null, false);
        (LostUpTo, LookAgain, LookAt, LastAnswer, Doubtful, answers, Repeats, PurgeAt) = (null, false, null, null, false, 0, 0, null);
        History = new RunHistory();
        Inbox.Clear();
        Open.Clear();
    }

    internal InboxEntry Accept(HistoryEvent entry)
    {
        var accepted = new InboxEntry(nextInbox++, entry);
        Inbox.Add(accepted);
        return accepted;
    }

    /// <summary>Leaves the old run behind: its history, and what it still waited for.</summary>
    internal void BeginRun()
    {
        Generation++;
        LostUpTo = null;
        LastExecutions = ExecutionsOf(History);
        History = new RunHistory();
        Open.Clear();
        CustomStatus = null;
        HistorySize = 0;
    }

    /// <summary>When the instance has to be looked at without an event: its earliest timer, its scheduled start, or a look because of a doubt.</summary>
    internal DateTimeOffset? NextWake() => Finished ? PurgeAt : ScheduledStart() ?? Earlier(Open.NextTimer(), LookAt);

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    /// <summary>When a finished instance is to be deleted; null keeps it.</summary>
    internal DateTimeOffset? PurgeAt { get; set; }

    /// <summary>The start time of an instance that nothing but that time will start.</summary>
    internal DateTimeOffset? ScheduledStart() =>
        History.Events.Count == 0 && Inbox.Count == 1 ? Inbox[0].Event.ExecutionStarted?.ScheduledStartTimestamp?.Clamped() : null;

    internal Row ToRow() => new(Key, id, Generation, !Finished, Open.Tasks.Count, NextWake(), CustomStatus);
}

/// <summary>A turn out with a worker; inbox entries up to <paramref name="InboxUpTo"/> are in it.</summary>
internal sealed record TurnInHand(Turn Turn, TurnWork Work, long InboxUpTo, Continuation? Continues);

/// <summary>The first events of a run that continues as new, and how many such runs came in a row without a commit.</summary>
internal sealed record Continuation(List<HistoryEvent> Events, int Count, long InboxUpTo, string? CustomStatus, PropagatedHistory? Received);
