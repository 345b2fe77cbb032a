using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>One topic's log. Numbers are given out on the writer thread, so a topic's order is the order of commits.</summary>
internal sealed class Topic
{
    /// <summary>Done messages that stay for a consumer that joins later, as a Redis stream would still hold them.</summary>
    private const long KeepDone = 1_000;

    /// <summary>Messages kept where no consumer ever joined, such as dead letters.</summary>
    private const long KeepUnread = 10_000;

    private const long TrimStep = 64;
    private const int TopicShift = 40;
    private readonly Lock gate = new();

    // Held across a write, which the gate must never be: the writer thread takes the gate.
    private readonly Lock opening = new();
    private readonly Dictionary<string, ConsumerInbox> inboxes = [];
    private readonly TimeProvider time;
    private readonly Connection connection;
    private readonly long first;
    private long trimmed;
    private long next;
    private long committed;

    private Topic(Database database, long id, string name, long last, long trimmed, TimeProvider time, Connection connection)
    {
        (Database, Id, Name, this.trimmed, this.time, this.connection) = (database, id, name, trimmed, time, connection);
        first = id << TopicShift;
        next = last + 1;
        committed = last;
    }

    internal Database Database { get; }

    internal long Id { get; }

    internal string Name { get; }

    /// <summary>The number of the newest message that is stored.</summary>
    internal long Committed => Interlocked.Read(ref committed);

    internal IReadOnlyList<ConsumerInbox> Inboxes
    {
        get
        {
            lock (gate) return [.. inboxes.Values];
        }
    }

    /// <summary>The topics a broker has.</summary>
    internal static List<string> Names(Database database, long world) => database.Read(session =>
    {
        var names = new List<string>();
        using var rows = session.Query("SELECT name FROM topic WHERE world=?1", world);
        while (rows.Read()) names.Add(rows.Text(0)!);
        return names;
    });

    internal static Topic Load(Database database, long world, string name, TimeProvider time, Connection connection) => database.WriteAsync(transaction =>
    {
        transaction.Execute("INSERT INTO topic(world, name) VALUES(?1, ?2) ON CONFLICT(world, name) DO NOTHING", world, name);
        var id = Scalar(transaction, "SELECT id FROM topic WHERE world=?1 AND name=?2", world, name);
        var first = id << TopicShift;
        var newest = Scalar(transaction, "SELECT COALESCE(MAX(id), ?1) - ?1 FROM message WHERE id>?1 AND id<?2", first, first + (1L << TopicShift));
        var oldest = Scalar(transaction, "SELECT COALESCE(MIN(id), ?1 + 1) - ?1 FROM message WHERE id>?1 AND id<?2", first, first + (1L << TopicShift));
        var cursor = Scalar(transaction, "SELECT COALESCE(MAX(cursor), 0) FROM consumer WHERE topic=?1", id);
        var topic = new Topic(database, id, name, Math.Max(newest, cursor), oldest - 1, time, connection);
        // All known consumers are loaded, also those whose app is away: they hold what they have not had yet.
        using var rows = transaction.Query("SELECT id, name, cursor, done, dead, seen FROM consumer WHERE topic=?1", id);
        while (rows.Read()) topic.inboxes[rows.Text(1)!] = new ConsumerInbox(topic, rows.Text(1)!, rows.Number(0), rows.Number(2), rows.Text(3)!, rows.Number(4), DateTimeOffset.FromUnixTimeSeconds(rows.Number(5)), time, connection);
        return topic;
    }).GetAwaiter().GetResult();

    internal Task PublishAsync(IReadOnlyList<Message> messages) => Database.WriteAsync(transaction => Append(transaction, messages));

    /// <summary>The same inside a caller's own write.</summary>
    internal void Append(WriteTransaction transaction, IReadOnlyList<Message> messages)
    {
        var begin = next;
        foreach (var message in messages)
            transaction.Execute("INSERT INTO message(id, payload, metadata) VALUES(?1, ?2, ?3)", first + next++, message.Payload, message.PackedMetadata());
        if (Inboxes.Count == 0) Trim(transaction, next - 1 - KeepUnread);
        transaction.OnCommitted(() => Arrived(begin, messages));
    }

    /// <summary>Opens a consumer's inbox; a new one begins with what the log still holds.</summary>
    internal ConsumerInbox Open(string consumer)
    {
        lock (opening)
        {
            ConsumerInbox? inbox;
            lock (gate) inboxes.TryGetValue(consumer, out inbox);
            inbox ??= Add(consumer);
            inbox.Join();
            return inbox;
        }
    }

    private ConsumerInbox Add(string consumer)
    {
        var now = time.GetUtcNow();
        return Database.WriteAsync(transaction =>
        {
            transaction.Execute("INSERT INTO consumer(topic, name, cursor, done, dead, seen) VALUES(?1, ?2, ?3, '', 0, ?4)", Id, consumer, trimmed, now.ToUnixTimeSeconds());
            var id = Scalar(transaction, "SELECT id FROM consumer WHERE topic=?1 AND name=?2", Id, consumer);
            var inbox = new ConsumerInbox(this, consumer, id, trimmed, "", 0, now, time, connection);
            transaction.OnCommitted(() =>
            {
                lock (gate) inboxes[consumer] = inbox;
            });
            return inbox;
        }).GetAwaiter().GetResult();
    }

    /// <summary>Messages after a number, in order.</summary>
    internal List<Delivery> Read(long after, int limit) => Database.Read(session =>
    {
        var found = new List<Delivery>();
        using var rows = session.Query("SELECT id, payload, metadata FROM message WHERE id>?1 AND id<?2 ORDER BY id LIMIT ?3", first + after, first + (1L << TopicShift), limit);
        while (rows.Read()) found.Add(new Delivery(rows.Number(0) - first, new Message(rows.Blob(1)!, Message.Unpack(rows.Text(2)))));
        return found;
    });

    internal long CountAfter(long number) => Database.Read(session => Scalar(session, "SELECT COUNT(*) FROM message WHERE id>?1 AND id<?2", first + number, first + (1L << TopicShift)));

    /// <summary>Removes what every consumer has done with, a step at a time; called on the writer thread.</summary>
    internal void TrimDone(WriteTransaction transaction)
    {
        var done = long.MaxValue;
        foreach (var inbox in Inboxes)
            if (!inbox.Forgotten) done = Math.Min(done, inbox.Cursor);
        Trim(transaction, Math.Min(done, next - 1 - KeepDone));
    }

    private void Trim(WriteTransaction transaction, long upTo)
    {
        if (upTo - trimmed < TrimStep) return;
        var end = Math.Min(upTo, trimmed + (TrimStep * 4));
        transaction.Execute("DELETE FROM message WHERE id>?1 AND id<=?2", first + trimmed, first + end);
        transaction.OnCommitted(() => trimmed = end);
    }

    private void Arrived(long begin, IReadOnlyList<Message> messages)
    {
        Interlocked.Exchange(ref committed, begin + messages.Count - 1);
        foreach (var inbox in Inboxes) inbox.Arrived(begin, messages);
    }

    internal static long Scalar(Session session, string sql, params ReadOnlySpan<Value> arguments)
    {
        using var rows = session.Query(sql, arguments);
        return rows.Read() ? rows.Number(0) : 0;
    }
}
