using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Actors;

/// <summary>What an app may ask of actors, over HTTP and gRPC alike.</summary>
internal sealed class ActorApi(VirtualSidecar sidecar)
{
    private const string ReservedPrefix = "dapr.internal.";

    private readonly Placement placement = sidecar.Runtime.Placement;
    private readonly Reminders reminders = sidecar.Runtime.Reminders;

    internal async Task<ActorReply> InvokeAsync(string type, string id, ActorCall call, CancellationToken cancellationToken)
    {
        var (policy, own) = (sidecar.Guards.Actor(type), sidecar.Guards.ActorId(type, id));
        if (policy.Empty && own.Empty) return await OnceAsync(type, id, call, cancellationToken).ConfigureAwait(false);
        var (end, refusal) = await policy.RunAsync(async stop =>
        {
            var (attempt, refused) = await own.RunAsync(token => AttemptAsync(type, id, call, token), null, stop).ConfigureAwait(false);
            return refused == Refusal.None ? new Attempt<End>(attempt, attempt.Failed ? Verdict.Failed : Verdict.Final, attempt.Fault?.Status ?? 0) : new(new(null, Open()), Verdict.Final);
        }, null, cancellationToken).ConfigureAwait(false);
        return refusal == Refusal.BreakerOpen ? throw Open() : end.Reply ?? throw end.Fault!;
    }

    /// <summary>How a call to an actor ended: with an answer, or with why there is none.</summary>
    private readonly record struct End(ActorReply? Reply, ActorFault? Fault)
    {
        internal bool Failed => Fault is { MayRepeat: true };
    }

    private static ActorFault Open() => ActorFault.Invoke("circuit breaker is open");

    private async Task<Attempt<End>> AttemptAsync(string type, string id, ActorCall call, CancellationToken cancellationToken)
    {
        try
        {
            return new(new(await OnceAsync(type, id, call, cancellationToken).ConfigureAwait(false), null), Verdict.Final);
        }
        catch (ActorFault fault)
        {
            return new(new(null, fault), fault.MayRepeat ? Verdict.Failed : Verdict.Final, fault.Status);
        }
    }

    private async Task<ActorReply> OnceAsync(string type, string id, ActorCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var at = await placement.FindAsync(type, id, cancellationToken).ConfigureAwait(false);
            if (await at.Host.CallAsync(at, id, call, cancellationToken).ConfigureAwait(false) is { } reply) return reply;
        }
    }

    private static void CheckReserved(string type)
    {
        if (type.StartsWith(ReservedPrefix, StringComparison.Ordinal)) throw ActorFault.Reserved(type);
    }

    private string Key(string type, string id, string key) => $"{sidecar.AppId}||{type}||{id}||{key}";

    internal StateItem? GetState(string type, string id, string key)
    {
        CheckReserved(type);
        return (sidecar.ActorStore ?? throw ActorFault.NoStore()).Get(Key(type, id, key));
    }

    internal async Task TransactAsync(string type, string id, IReadOnlyList<ActorStateOperation> operations)
    {
        CheckReserved(type);
        if (!sidecar.Actors.IsActive(type, id)) throw ActorFault.Inactive();
        if (operations.Any(o => o.Ttl is not null) && !sidecar.Resources.Configuration.Features.Contains("ActorStateTTL"))
            throw ActorFault.StateSave("ttlInSeconds is not supported without the \"ActorStateTTL\" feature enabled");
        var store = sidecar.ActorStore ?? throw ActorFault.NoStore();
        var changes = operations.Select(operation => operation.IsDelete
            ? StateChange.Delete(Key(type, id, operation.Key), operation.ETag)
            : StateChange.Upsert(Key(type, id, operation.Key), operation.Value, operation.ETag, ttl: operation.Ttl)).ToArray();
        if (changes.Length == 0) return;
        try
        {
            await store.TransactAsync(changes).ConfigureAwait(false);
        }
        catch (StateConflictException conflict)
        {
            throw ActorFault.StateSave("possible etag mismatch. error from state store: " + conflict.Message);
        }
        catch (Storage.StorageException fault)
        {
            throw ActorFault.StateSave(fault.Message);
        }
    }

    private void CheckReminder(string type, string id, string name)
    {
        CheckReserved(type);
        ActorNames.Check(type, id, name);
        if (!placement.Has(type, sidecar.Actors)) throw ActorFault.NotHosted();
    }

    internal Task SetReminderAsync(string type, string id, string name, ActorRequest request)
    {
        CheckReminder(type, id, name);
        return reminders.SetAsync(type, id, name, request);
    }

    internal Reminder GetReminder(string type, string id, string name)
    {
        CheckReminder(type, id, name);
        return reminders.Find(type, id, name) ?? throw ActorFault.ReminderNotFound(name);
    }

    internal Task RemoveReminderAsync(string type, string id, string name)
    {
        CheckReminder(type, id, name);
        return reminders.RemoveAsync(type, id, name);
    }

    internal Reminder[] ListReminders(string type, string? id)
    {
        CheckReminder(type, id ?? "", "");
        return reminders.List(type, id);
    }

    internal Task RemoveRemindersAsync(string type, string? id)
    {
        CheckReminder(type, id ?? "", "");
        return reminders.RemoveAllAsync(type, id);
    }

    internal void SetTimer(string type, string id, string name, ActorRequest request)
    {
        CheckReserved(type);
        ActorNames.Check(type, id, name);
        sidecar.Actors.Timers.Set(type, id, name, request);
    }

    internal void RemoveTimer(string type, string id, string name)
    {
        CheckReserved(type);
        ActorNames.Check(type, id, name);
        sidecar.Actors.Timers.Remove(type, id, name);
    }
}

/// <summary>One change of an actor's state.</summary>
internal sealed record ActorStateOperation(string Key, ReadOnlyMemory<byte> Value, bool IsDelete, string? ETag, TimeSpan? Ttl)
{
    /// <summary>The operations of a state transaction's body.</summary>
    internal static List<ActorStateOperation> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Array) throw ActorFault.Malformed("a JSON array of operations is expected");
        return [.. root.EnumerateArray().Select(ReadOne)];
    }

    private static ActorStateOperation ReadOne(JsonElement entry)
    {
        var operation = entry.TryGetMember("operation", out var kind) ? kind.GetString() : "";
        if (operation is not ("upsert" or "delete")) throw ActorFault.StateSave($"operation type {operation} not supported");
        if (!entry.TryGetMember("request", out var request) || request.ValueKind != JsonValueKind.Object) throw ActorFault.StateSave("request data is empty");
        var key = request.TryGetMember("key", out var text) ? text.GetString() : null;
        if (string.IsNullOrEmpty(key)) throw ActorFault.StateSave("missing key");
        var value = request.TryGetMember("value", out var given) ? given.GetRawText() : "null";
        var etag = request.TryGetMember("etag", out var tag) && tag.ValueKind == JsonValueKind.String ? tag.GetString() : null;
        var ttl = request.TryGetMember("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetMember("ttlInSeconds", out var seconds) ? seconds.ToString() : null;
        return new(key, System.Text.Encoding.UTF8.GetBytes(value), operation == "delete", etag, ReadTtl(ttl));
    }

    /// <summary>Seconds as text; none or less than one never expires.</summary>
    internal static TimeSpan? ReadTtl(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (!long.TryParse(text, out var seconds)) throw ActorFault.StateSave($"value of metadata 'ttlInSeconds' is no number: '{text}'");
        return seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
    }
}

/// <summary>The rule for the names of types, ids, reminders and timers.</summary>
internal static class ActorNames
{
    internal static void Check(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (name is "." or "..") throw ActorFault.BadName($"name is a path traversal sequence: \"{name}\"");
            if (name.Any(static c => c is '#' or '?' or '/' or '\\' || char.IsControl(c))) throw ActorFault.BadName($"name contains forbidden character: \"{name}\"");
        }
    }
}
