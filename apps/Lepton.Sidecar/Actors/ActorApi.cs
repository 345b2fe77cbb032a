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
        var reply = await AnswerAsync(type, id, call, cancellationToken).ConfigureAwait(false);
        // A method is no reminder, but daprd looks for the word all the same.
        return reply.CancelsReminder && !reply.IsError ? throw ActorFault.Invoke("reminder has been canceled") : reply;
    }

    private async Task<ActorReply> AnswerAsync(string type, string id, ActorCall call, CancellationToken cancellationToken)
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

    internal static void CheckReserved(string type)
    {
        if (type.StartsWith(ReservedPrefix, StringComparison.Ordinal)) throw ActorFault.Reserved(type);
    }

    private string Key(string type, string id, string key) => $"{sidecar.AppId}||{type}||{id}||{key}";

    internal StateItem? GetState(string type, string id, string key)
    {
        CheckReserved(type);
        return (sidecar.ActorStore ?? throw ActorFault.NoStore()).Get(Key(type, id, key));
    }

    internal void CheckActive(string type, string id)
    {
        if (!sidecar.Actors.IsActive(type, id)) throw ActorFault.Inactive();
    }

    /// <summary>Whether actor state may have a time to live.</summary>
    internal bool TakesTtl => sidecar.Resources.Configuration.Features.Contains("ActorStateTTL");

    internal async Task TransactAsync(string type, string id, IReadOnlyList<ActorStateOperation> operations)
    {
        CheckReserved(type);
        CheckActive(type, id);
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

    private void CheckHosted(string type)
    {
        CheckReserved(type);
        if (!placement.Has(type, sidecar.Actors)) throw ActorFault.NotHosted();
    }

    internal Task SetReminderAsync(string type, string id, string name, ActorRequest request)
    {
        CheckReserved(type);
        ActorNames.Check(name);
        CheckHosted(type);
        return reminders.SetAsync(type, id, name, request);
    }

    internal Reminder GetReminder(string type, string id, string name)
    {
        CheckHosted(type);
        return reminders.Find(type, id, name) ?? throw ActorFault.ReminderNotFound(name);
    }

    internal Task RemoveReminderAsync(string type, string id, string name)
    {
        CheckHosted(type);
        return reminders.RemoveAsync(type, id, name);
    }

    internal Reminder[] ListReminders(string type, string? id)
    {
        CheckHosted(type);
        return reminders.List(type, id);
    }

    internal Task RemoveRemindersAsync(string type, string? id)
    {
        CheckHosted(type);
        return reminders.RemoveAllAsync(type, id);
    }

    internal void SetTimer(string type, string id, string name, ActorRequest request)
    {
        CheckReserved(type);
        ActorNames.Check(name);
        sidecar.Actors.Timers.Set(type, id, name, request);
    }

    internal void RemoveTimer(string type, string id, string name)
    {
        CheckReserved(type);
        sidecar.Actors.Timers.Remove(type, id, name);
    }
}
