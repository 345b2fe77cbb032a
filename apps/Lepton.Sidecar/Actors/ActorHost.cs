using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>The actors of one app: their turns, their activation by the first call and their deactivation when idle.</summary>
internal sealed class ActorHost : IDisposable
{
    private static readonly TimeSpan DeactivationLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Type, string Id), Actor> actors = new();
    private readonly WakeQueue<Actor> idle;
    private readonly Placement placement;
    private readonly VirtualSidecar sidecar;
    private readonly TimeProvider time;

    internal ActorHost(VirtualSidecar sidecar, Placement placement, TimeProvider time)
    {
        (this.sidecar, this.placement, this.time) = (sidecar, placement, time);
        idle = new WakeQueue<Actor>(time, actor => _ = DeactivateIdleAsync(actor));
        Timers = new ActorTimers(this, placement, time);
        sidecar.WhenAppHealthy(RegisterAsync);
        sidecar.WhenAppUnhealthy(UnregisterAsync);
        sidecar.ActiveActors = () => placement.TypesOf(this).ToDictionary(static type => type, type => actors.Keys.Count(actor => actor.Type == type));
    }

    internal string AppId => sidecar.AppId;

    internal ActorTimers Timers { get; }

    internal bool IsActive(string type, string id) => actors.TryGetValue((type, id), out var actor) && !actor.Retired;

    // Asked for once, as daprd does: an app that becomes healthy again has the types it had.
    private ActorType[]? types;
    private volatile bool withdrawn;

    // As with daprd, calls wait until the app was asked for its types the first time.
    private readonly TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ValueTask RegisteredAsync(CancellationToken cancellationToken) => registered.Task.IsCompleted ? ValueTask.CompletedTask : new ValueTask(registered.Task.WaitAsync(cancellationToken));

    /// <summary>The app's types are known, and hosted here: not before it was asked, nor while it is unhealthy.</summary>
    internal bool Registered => registered.Task.IsCompleted && !withdrawn;

    private async Task RegisterAsync(CancellationToken stop)
    {
        try
        {
            types ??= await ReadTypesAsync(stop).ConfigureAwait(false);
            if (types.Length > 0) await placement.AddAsync(types).ConfigureAwait(false);
            withdrawn = false;
        }
        finally
        {
            registered.TrySetResult();
        }
    }

    private async Task<ActorType[]> ReadTypesAsync(CancellationToken stop)
    {
        if (!sidecar.App.Exists || sidecar.App.IsGrpc || sidecar.Options.DisabledQuestions.Contains("config")) return [];
        using var request = sidecar.App.Request(HttpMethod.Get, "/dapr/config");
        request.Headers.TryAddWithoutValidation("dapr-app-id", sidecar.AppId);
        request.Content = new ByteArrayContent([]);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        try
        {
            using var answer = await sidecar.App.SendAsync(request, stop).ConfigureAwait(false);
            if ((int)answer.StatusCode != 200) return [];
            var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            if (body.Length == 0) return [];
            using var config = JsonDocument.Parse(body);
            var read = ActorType.Read(config.RootElement, this, new HttpActorLink(sidecar.App)).ToArray();
            if (read.Length == 0 || sidecar.ActorStore is not null) return read;
            sidecar.Runtime.Log($"App '{sidecar.AppId}' has actors ({string.Join(", ", read.Select(type => type.Name))}), but no state store for them: set metadata actorStateStore \"true\" on one of its state components.");
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or InvalidOperationException)
        {
            sidecar.Runtime.Log($"GET /dapr/config of app '{sidecar.AppId}' failed ({fault.Message}); its actors are not hosted.");
        }
        return [];
    }

    private Task UnregisterAsync()
    {
        withdrawn = types is { Length: > 0 };
        return placement.RemoveAsync(type => type.Host == this);
    }

    /// <summary>Drains the actors of a type that do not stay here.</summary>
    internal Task LeaveAsync(string type, Func<string, bool> stays) => Task.WhenAll(actors.Values.Where(actor => actor.Type.Name == type && !stays(actor.Id)).Select(DrainAsync));

    private async Task DrainAsync(Actor actor)
    {
        using var limit = new CancellationTokenSource(actor.Type.Drain ? actor.Type.DrainTimeout : TimeSpan.Zero, time);
        try
        {
            await actor.Turns.EnterAsync(null, 1, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await actor.Ending.CancelAsync().ConfigureAwait(false);
            await actor.Turns.EnterAsync(null, 1, CancellationToken.None).ConfigureAwait(false);
        }
        await DeactivateAsync(actor).ConfigureAwait(false);
    }

    /// <summary>Hosts the types of a callback stream until it ends.</summary>
    internal async Task ServeAsync(ActorStream stream, SubscribeActorEventsRequestInitialAlpha1 first, CancellationToken stop)
    {
        var types = ActorType.Read(first, this, stream).ToArray();
        if (types.Length > 0) await placement.AddAsync(types).ConfigureAwait(false);
        try
        {
            await stream.ReadAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            await placement.RemoveAsync(type => type.Link == stream).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the actor's turn and calls its app.</summary>
    /// <returns>The app's answer; null when the actor is elsewhere now, and was not called.</returns>
    /// <exception cref="ActorFault">The app answered anything but 200, or the chain of calls is too deep.</exception>
    internal async Task<ActorReply?> CallAsync(ActorType type, string id, ActorCall call, CancellationToken cancellationToken)
    {
        var chain = type.Reentrant ? call.Reentrancy ?? Guid.NewGuid().ToString() : null;
        while (true)
        {
            var actor = actors.GetOrAdd((type.Name, id), static (key, type) => new Actor(type, key.Id), type);
            await actor.Turns.EnterAsync(chain, type.MaxDepth, cancellationToken).ConfigureAwait(false);
            try
            {
                if (actor.Retired) continue;
                if (placement.Find(type.Name, id)?.Link != type.Link)
                {
                    if (!actor.Used) Retire(actor);
                    return null;
                }
                if (!actor.Used) idle.Set(actor, time.GetUtcNow() + type.IdleTimeout);
                actor.Touch(time.GetUtcNow());
                return await SendAsync(actor, call, chain, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (!actor.Retired) actor.Touch(time.GetUtcNow());
                actor.Turns.Exit();
            }
        }
    }

    private void Retire(Actor actor)
    {
        actor.Retired = true;
        actors.TryRemove(new KeyValuePair<(string, string), Actor>((actor.Type.Name, actor.Id), actor));
    }

    // The time limit of the type's resiliency policy counts from when the actor has its turn.
    private async Task<ActorReply> SendAsync(Actor actor, ActorCall call, string? chain, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, actor.Ending.Token);
        using var timed = sidecar.Guards.ActorTimeout(actor.Type.Name) is { } most ? new CancellationTokenSource(most, time) : null;
        using var registration = timed?.Token.Register(static state => ((CancellationTokenSource)state!).Cancel(), limit);
        try
        {
            return await actor.Type.Link.CallAsync(actor.Type.Name, actor.Id, call, chain, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ActorFault(ActorFault.Invoke(actor.Ending.IsCancellationRequested ? "context canceled" : "context deadline exceeded").Error) { MayRepeat = !actor.Ending.IsCancellationRequested };
        }
    }

    private async Task DeactivateIdleAsync(Actor actor)
    {
        if (actor.Retired) return;
        var due = actor.LastUsed + actor.Type.IdleTimeout;
        var now = time.GetUtcNow();
        if (due > now || actor.Turns.Taken)
        {
            idle.Set(actor, due > now ? due : now + actor.Type.IdleTimeout);
            return;
        }
        await actor.Turns.EnterAsync(null, 1, CancellationToken.None).ConfigureAwait(false);
        await DeactivateAsync(actor).ConfigureAwait(false);
    }

    // The caller has the actor's turn; whoever waits behind it finds the actor retired and activates it anew.
    private async Task DeactivateAsync(Actor actor)
    {
        try
        {
            if (actor.Retired || !actor.Used) return;
            using var limit = new CancellationTokenSource(DeactivationLimit, time);
            await actor.Type.Link.DeactivateAsync(actor.Type.Name, actor.Id, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The app does not answer; the actor counts as deactivated.
        }
        finally
        {
            Retire(actor);
            actor.Turns.Exit();
        }
    }

    public void Dispose()
    {
        registered.TrySetResult();
        idle.Dispose();
        Timers.Dispose();
    }
}
