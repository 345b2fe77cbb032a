using System.Collections.Concurrent;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>The durable broker every other pub/sub type is emulated by: a log per topic, a cursor per consumer, all in the runtime's database.</summary>
internal sealed class DurableBroker : Broker
{
    private readonly ConcurrentDictionary<string, Topic> topics = new();
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly long world;

    // With wildcards a subscription's filter is a topic of its own, which gets a copy of each message it matches.
    private readonly ConcurrentDictionary<string, Topic>? filters;

    internal DurableBroker(string name, Database database, TimeProvider time, bool wildcards = false) : base(time)
    {
        (this.database, this.time) = (database, time);
        world = Worlds.IdOf(database, name);
        if (!wildcards) return;
        filters = new();
        foreach (var filter in Topic.Names(database, world).Where(TopicFilter.IsOne)) TopicOf(filter);
    }

    internal override IReadOnlyList<Inbox> Inboxes => [.. topics.Values.SelectMany(t => t.Inboxes)];

    protected override Task StoreAsync(string topic, IReadOnlyList<Message> messages) => IsWatched ? ToldAsync(topic, messages, WriteAsync(topic, messages)) : WriteAsync(topic, messages);

    private Task WriteAsync(string topic, IReadOnlyList<Message> messages)
    {
        var log = TopicOf(topic);
        if (filters is null || filters.IsEmpty) return log.PublishAsync(messages);
        var copies = filters.Where(f => TopicFilter.Matches(f.Key, topic)).Select(static f => f.Value).ToList();
        return copies.Count == 0 ? log.PublishAsync(messages) : database.WriteAsync(transaction =>
        {
            log.Append(transaction, messages);
            foreach (var copy in copies) copy.Append(transaction, messages);
        });
    }

    private async Task ToldAsync(string topic, IReadOnlyList<Message> messages, Task stored)
    {
        await stored.ConfigureAwait(false);
        Tell(topic, messages);
    }

    internal override Action<WriteTransaction>? AppendTo(Database database, string topic, IReadOnlyList<Message> messages)
    {
        if (database != this.database) return null;
        // Looked up here, since a new topic is a write of its own.
        var log = TopicOf(topic);
        return transaction =>
        {
            log.Append(transaction, messages);
            if (IsWatched) transaction.OnCommitted(() => _ = Task.Run(() => Tell(topic, messages)));
        };
    }

    internal override Inbox Open(string topic, string consumer, object subscription) => TopicOf(topic).Open(consumer);

    internal override void Close(Inbox inbox) => ((ConsumerInbox)inbox).Leave();

    private Topic TopicOf(string name) => topics.TryGetValue(name, out var topic) ? topic : Add(name);

    private Topic Add(string name)
    {
        lock (topics)
        {
            var topic = topics.GetOrAdd(name, n => Topic.Load(database, world, n, time, Connection));
            if (filters is not null && TopicFilter.IsOne(name)) filters[name] = topic;
            return topic;
        }
    }
}
