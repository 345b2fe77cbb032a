using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using Lepton.Contracts.Events;

namespace Lepton.Workflows.Records;

/// <summary>The decision records in the state store: first write wins, and whoever comes second goes on from the winner.</summary>
internal sealed class RecordStore(DaprClient dapr)
{
    /// <summary>A gRPC message may hold 4 MiB on daprd; a batch of large payloads is written in parts below it.</summary>
    private const int MostBytesPerWrite = 3 << 20;

    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };
    private static readonly StateOptions LastWrite = new() { Concurrency = ConcurrencyMode.LastWrite, Consistency = ConsistencyMode.Strong };

    /// <summary>The records that exist, by subject.</summary>
    public async Task<Dictionary<string, EventRecord>> ReadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, EventRecord>(subjects.Count);
        await foreach (var record in GetAsync(subjects, StateKey.Record, RecordJson.Default.EventRecord, cancellationToken).ConfigureAwait(false))
        {
            records[record.Result.Subject] = record;
        }

        return records;
    }

    /// <summary>The corrections that exist, by subject.</summary>
    public async Task<Dictionary<string, Result>> CorrectionsAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        var corrections = new Dictionary<string, Result>(subjects.Count);
        await foreach (var correction in GetAsync(subjects, StateKey.Correction, ContractJson.Default.Result, cancellationToken).ConfigureAwait(false))
        {
            corrections[correction.Subject] = correction;
        }

        return corrections;
    }

    public async Task<EventRecord?> ReadAsync(string subject, CancellationToken cancellationToken) =>
        (await ReadAsync([subject], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(subject);

    public async Task<Result?> CorrectionAsync(string subject, CancellationToken cancellationToken) =>
        (await CorrectionsAsync([subject], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(subject);

    public async Task<StoredPayload?> PayloadAsync(string subject, CancellationToken cancellationToken)
    {
        var bytes = await dapr.GetByteStateAsync(NodeIdentity.StateStore, StateKey.Payload(subject), cancellationToken: cancellationToken).ConfigureAwait(false);
        return bytes.IsEmpty ? null : JsonSerializer.Deserialize(bytes.Span, RecordJson.Default.StoredPayload);
    }

    /// <summary>
    /// Writes new records, each with the payload that its escalation needs, in one bulk write. Returns the record that holds for every subject: the
    /// one given, or the one that another delivery of the same event had written first. A subject that is not in the answer has none: try again.
    /// </summary>
    public Task<Dictionary<string, EventRecord>> WriteAsync(IReadOnlyList<NewRecord> records, CancellationToken cancellationToken) =>
        WriteAsync(records, FirstWrite, cancellationToken);

    private async Task<Dictionary<string, EventRecord>> WriteAsync(IReadOnlyList<NewRecord> records, StateOptions payloads, CancellationToken cancellationToken)
    {
        var items = new List<SaveStateItem<RawJson>>(records.Count);
        foreach (var (record, payload, keep) in records)
        {
            // The payload goes first: where a store saves items one after the other, a record never stands without what it refers to.
            if (payload is not null)
            {
                items.Add(Item(StateKey.Payload(record.Result.Subject), payload, RecordJson.Default.StoredPayload, keep, payloads));
            }

            items.Add(Item(StateKey.Record(record.Result.Subject), record, RecordJson.Default.EventRecord, keep));
        }

        var holding = records.ToDictionary(written => written.Record.Result.Subject, written => written.Record);
        if (await SaveAsync(items, cancellationToken).ConfigureAwait(false))
        {
            return holding;
        }

        var found = await ReadAsync(holding.Keys, cancellationToken).ConfigureAwait(false);
        foreach (var (subject, there) in found)
        {
            // Written by this very call beside one that was there already.
            if (there.Result.DecidedAt == holding[subject].Result.DecidedAt)
            {
                found[subject] = holding[subject];
            }
        }

        // Where a store gives up at the first item that is there already, the others are not written yet; of some only the payload is.
        List<NewRecord> missing = [.. records.Where(each => !found.ContainsKey(each.Record.Result.Subject))];
        if (missing.Count > 0 && payloads == FirstWrite)
        {
            foreach (var (subject, record) in await WriteAsync(missing, LastWrite, cancellationToken).ConfigureAwait(false))
            {
                found[subject] = record;
            }
        }

        return found;
    }

    /// <summary>Stores payloads alone, for events whose whole way is a workflow. One that is there already is the same.</summary>
    public Task WritePayloadsAsync(IEnumerable<(string Subject, StoredPayload Payload, TimeSpan Keep)> payloads, CancellationToken cancellationToken) =>
        SaveAsync([.. payloads.Select(each => Item(StateKey.Payload(each.Subject), each.Payload, RecordJson.Default.StoredPayload, each.Keep))], cancellationToken);

    /// <summary>Writes revision 2 unless there is one; returns the one that holds.</summary>
    public async Task<Result> CorrectAsync(Result correction, TimeSpan keep, CancellationToken cancellationToken)
    {
        var written = await SaveAsync([Item(StateKey.Correction(correction.Subject), correction, ContractJson.Default.Result, keep)], cancellationToken).ConfigureAwait(false);
        return written ? correction
            : await CorrectionAsync(correction.Subject, cancellationToken).ConfigureAwait(false)
            ?? throw new DaprException($"the correction of '{correction.Subject}' was refused as a second one, but no first one can be read; it is tried again");
    }

    /// <summary>Remembers the verdict on an escalation unless there is one; returns the bytes that hold.</summary>
    public async Task<ReadOnlyMemory<byte>> RememberVerdictAsync(string escalation, byte[] verdict, TimeSpan keep, CancellationToken cancellationToken)
    {
        var item = new SaveStateItem<RawJson>(StateKey.Verdict(escalation), new RawJson(verdict), null!, FirstWrite, Ttl(keep));
        return await SaveAsync([item], cancellationToken).ConfigureAwait(false) ? verdict
            : await VerdictAsync(escalation, cancellationToken).ConfigureAwait(false)
            ?? throw new DaprException($"the verdict on '{escalation}' was refused as a second one, but no first one can be read; ask again");
    }

    /// <summary>The bytes of a verdict given earlier; null when there is none.</summary>
    public async Task<ReadOnlyMemory<byte>?> VerdictAsync(string escalation, CancellationToken cancellationToken)
    {
        var bytes = await dapr.GetByteStateAsync(NodeIdentity.StateStore, StateKey.Verdict(escalation), cancellationToken: cancellationToken).ConfigureAwait(false);
        return bytes.IsEmpty ? default(ReadOnlyMemory<byte>?) : bytes;
    }

    private static SaveStateItem<RawJson> Item<T>(string key, T value, JsonTypeInfo<T> type, TimeSpan keep, StateOptions? options = null) =>
        new(key, new RawJson(JsonSerializer.SerializeToUtf8Bytes(value, type)), null!, options ?? FirstWrite, Ttl(keep));

    private static Dictionary<string, string> Ttl(TimeSpan keep) => new() { ["ttlInSeconds"] = ((long)Math.Ceiling(keep.TotalSeconds)).ToString() };

    private async IAsyncEnumerable<T> GetAsync<T>(IReadOnlyCollection<string> subjects, Func<string, string> key, JsonTypeInfo<T> type, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (subjects.Count == 0)
        {
            yield break;
        }

        var items = await dapr.GetBulkStateAsync(NodeIdentity.StateStore, [.. subjects.Select(key)], 16, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var item in items)
        {
            if (item.Value.Length > 0 && JsonSerializer.Deserialize(item.Value, type) is { } value)
            {
                yield return value;
            }
        }
    }

    /// <summary>True when all was written; false when at least one item stood there already (the others are written or not, as the store does it).</summary>
    private async Task<bool> SaveAsync(List<SaveStateItem<RawJson>> items, CancellationToken cancellationToken)
    {
        var all = true;
        for (var start = 0; start < items.Count;)
        {
            var end = start;
            for (var bytes = 0; end < items.Count && (end == start || bytes + items[end].Value.Utf8.Length <= MostBytesPerWrite); end++)
            {
                bytes += items[end].Value.Utf8.Length;
            }

            all &= await SaveOnceAsync([.. items.Skip(start).Take(end - start)], cancellationToken).ConfigureAwait(false);
            start = end;
        }

        return all;
    }

    private async Task<bool> SaveOnceAsync(List<SaveStateItem<RawJson>> items, CancellationToken cancellationToken)
    {
        try
        {
            await dapr.SaveBulkStateAsync(NodeIdentity.StateStore, items, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DaprException error) when (error.InnerException is RpcException { StatusCode: StatusCode.Aborted })
        {
            return false;
        }
    }
}

/// <summary>A record to be written.</summary>
/// <param name="Record">The record.</param>
/// <param name="Payload">The event's payload when it is escalated, else null.</param>
/// <param name="Keep">How long both are kept.</param>
internal sealed record NewRecord(EventRecord Record, StoredPayload? Payload, TimeSpan Keep);
