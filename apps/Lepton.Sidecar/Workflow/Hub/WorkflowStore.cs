using Google.Protobuf;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>The SQL of the workflow tables of one hub. Write methods run inside a transaction of the runtime's writer.</summary>
internal sealed class WorkflowStore(Database database, string hub)
{
    private static long lastKey;

    /// <summary>Everything stored of an instance.</summary>
    internal sealed record Stored(long Key, int Generation, string? CustomStatus, PropagatedHistory? Received, DateTimeOffset? Wake, List<HistoryEvent> History, long HistorySize, long NextHistory, List<InboxEntry> Inbox);

    /// <summary>A row that recovery looks at.</summary>
    internal sealed record OpenRow(string Id, bool HasWork, DateTimeOffset? Wake);

    internal sealed record StoredMessage(long Key, WorkflowMessage Message);

    internal Database Database => database;

    internal void Begin()
    {
        var key = database.Read(session =>
        {
            using var rows = session.Query("SELECT MAX(IFNULL((SELECT MAX(key) FROM workflow), 0), IFNULL((SELECT MAX(key) FROM workflow_message), 0))");
            return rows.Read() ? rows.Number(0) : 0;
        });
        for (var seen = Volatile.Read(ref lastKey); seen < key; seen = Volatile.Read(ref lastKey)) Interlocked.CompareExchange(ref lastKey, key, seen);
    }

    internal static long NewKey() => Interlocked.Increment(ref lastKey);

    internal Stored? Load(string id) => database.Read(session =>
    {
        long key;
        int generation;
        string? status;
        byte[]? received;
        DateTimeOffset? wake;
        using (var rows = session.Query("SELECT key, generation, custom_status, received, wake FROM workflow WHERE hub = ? AND id = ?", hub, id))
        {
            if (!rows.Read()) return null;
            (key, generation, status, received, wake) = (rows.Number(0), (int)rows.Number(1), rows.Text(2), rows.Blob(3), Time(rows, 4));
        }
        var history = new GetInstanceHistoryResponse();
        long next = 0, size = 0;
        using (var rows = session.Query("SELECT seq, events FROM workflow_history WHERE instance = ? ORDER BY seq", key))
        {
            while (rows.Read())
            {
                next = rows.Number(0) + 1;
                var events = rows.Blob(1)!;
                size += events.Length;
                history.MergeFrom(events);
            }
        }
        var inbox = new List<InboxEntry>();
        using (var rows = session.Query("SELECT seq, event FROM workflow_inbox WHERE instance = ? ORDER BY seq", key))
        {
            while (rows.Read()) inbox.Add(new InboxEntry(rows.Number(0), HistoryEvent.Parser.ParseFrom(rows.Blob(1))));
        }
        return new Stored(key, generation, status, Told(received), wake, [.. history.Events], size, next, inbox);
    });

    internal List<OpenRow> OpenRows() => database.Read(session =>
    {
        var open = new List<OpenRow>();
        using var rows = session.Query(
            "SELECT id, tasks > 0 OR EXISTS (SELECT 1 FROM workflow_inbox WHERE instance = workflow.key), wake FROM workflow WHERE hub = ? AND open = 1 ORDER BY key", hub);
        while (rows.Read())
        {
            open.Add(new OpenRow(rows.Text(0)!, rows.Number(1) != 0, Time(rows, 2)));
        }
        return open;
    });

    /// <summary>When the first finished instance is to be deleted.</summary>
    internal DateTimeOffset? NextPurge() => database.Read<DateTimeOffset?>(session =>
    {
        using var rows = session.Query("SELECT MIN(wake) FROM workflow WHERE hub = ? AND open = 0 AND wake IS NOT NULL", hub);
        return rows.Read() ? Time(rows, 0) : null;
    });

    internal List<(string Id, long Key)> DueForPurge(DateTimeOffset now, int most) => database.Read(session =>
    {
        var due = new List<(string, long)>();
        using var rows = session.Query("SELECT id, key FROM workflow WHERE hub = ? AND open = 0 AND wake IS NOT NULL AND wake <= ? ORDER BY wake LIMIT ?", hub, now.ToUnixTimeMilliseconds(), (long)most);
        while (rows.Read()) due.Add((rows.Text(0)!, rows.Number(1)));
        return due;
    });

    internal List<StoredMessage> Messages() => database.Read(session =>
    {
        var messages = new List<StoredMessage>();
        using var rows = session.Query("SELECT key, hub, id, execution, event, told FROM workflow_message WHERE source = ? ORDER BY key", hub);
        while (rows.Read())
        {
            messages.Add(new StoredMessage(rows.Number(0), new WorkflowMessage(rows.Text(1)!, rows.Text(2)!, rows.Text(3), HistoryEvent.Parser.ParseFrom(rows.Blob(4)), Told(rows.Blob(5)))));
        }
        return messages;
    });

    /// <summary>A page of instance ids in the order of their start, the key of its last one, and whether there are more.</summary>
    internal (List<string> Ids, long Last, bool More) List(long after, int size) => database.Read<(List<string>, long, bool)>(session =>
    {
        var ids = new List<string>();
        using var rows = session.Query("SELECT key, id FROM workflow WHERE hub = ? AND key > ? ORDER BY key LIMIT ?", hub, after, (long)size + 1);
        long last = after;
        while (rows.Read())
        {
            if (ids.Count == size) return (ids, last, true);
            last = rows.Number(0);
            ids.Add(rows.Text(1)!);
        }
        return (ids, last, false);
    });

    internal void Create(WriteTransaction write, long key, string id, DateTimeOffset? wake, PropagatedHistory? received) => write.Execute(
        "INSERT INTO workflow (key, hub, id, generation, open, tasks, wake, custom_status, received) VALUES (?, ?, ?, 0, 1, 0, ?, NULL, ?)", key, hub, id, wake?.ToUnixTimeMilliseconds(), received?.ToByteArray());

    internal static void Receive(WriteTransaction write, long key, PropagatedHistory? received) => write.Execute("UPDATE workflow SET received = ? WHERE key = ?", received?.ToByteArray(), key);

    private static DateTimeOffset? Time(Rows rows, int column) => rows.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(column));

    private static PropagatedHistory? Told(byte[]? stored) => stored is null ? null : PropagatedHistory.Parser.ParseFrom(stored);

    internal static void Delete(WriteTransaction write, long key)
    {
        write.Execute("DELETE FROM workflow WHERE key = ?", key);
        write.Execute("DELETE FROM workflow_inbox WHERE instance = ?", key);
        write.Execute("DELETE FROM workflow_history WHERE instance = ?", key);
    }

    internal static void AddToInbox(WriteTransaction write, long key, long seq, byte[] entry) =>
        write.Execute("INSERT INTO workflow_inbox (instance, seq, event) VALUES (?, ?, ?)", key, seq, entry);

    internal static void RemoveFromInbox(WriteTransaction write, long key, long seq) =>
        write.Execute("DELETE FROM workflow_inbox WHERE instance = ? AND seq = ?", key, seq);

    internal static void ClearInbox(WriteTransaction write, long key, long upTo) =>
        write.Execute("DELETE FROM workflow_inbox WHERE instance = ? AND seq <= ?", key, upTo);

    internal static void ClearHistory(WriteTransaction write, long key) => write.Execute("DELETE FROM workflow_history WHERE instance = ?", key);

    internal static void AddHistory(WriteTransaction write, long key, long seq, byte[] events) =>
        write.Execute("INSERT INTO workflow_history (instance, seq, events) VALUES (?, ?, ?)", key, seq, events);

    /// <exception cref="InvalidOperationException">The instance is no longer stored, for example because its start could not be written.</exception>
    internal static void Update(WriteTransaction write, LiveInstance.Row row)
    {
        var changed = write.Execute("UPDATE workflow SET generation = ?, open = ?, tasks = ?, wake = ?, custom_status = ? WHERE key = ?",
            row.Generation, row.Open, row.Tasks, row.Wake?.ToUnixTimeMilliseconds(), row.CustomStatus, row.Key);
        if (changed == 0) throw new InvalidOperationException($"Workflow instance '{row.Id}' is not stored any more; its turn is dropped.");
    }

    internal void AddMessage(WriteTransaction write, StoredMessage stored) => write.Execute(
        "INSERT INTO workflow_message (key, source, hub, id, execution, event, told) VALUES (?, ?, ?, ?, ?, ?, ?)",
        stored.Key, hub, stored.Message.App, stored.Message.Instance, stored.Message.Child, stored.Message.Event.ToByteArray(), stored.Message.Told?.ToByteArray());

    internal static void RemoveMessage(WriteTransaction write, long key) => write.Execute("DELETE FROM workflow_message WHERE key = ?", key);
}

/// <summary>An event that no committed turn has seen, with its place in the instance's inbox.</summary>
internal sealed record InboxEntry(long Seq, HistoryEvent Event);
