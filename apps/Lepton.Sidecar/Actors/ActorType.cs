using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>An actor type as its app registered it.</summary>
internal sealed record ActorType(string Name, ActorHost Host, ActorLink Link)
{
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(60);

    internal TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    internal bool Drain { get; init; } = true;

    internal bool Reentrant { get; init; }

    internal int MaxDepth { get; init; } = 32;

    /// <summary>The types in the answer to GET /dapr/config.</summary>
    internal static IEnumerable<ActorType> Read(JsonElement config, ActorHost host, ActorLink link)
    {
        if (config.ValueKind != JsonValueKind.Object || !config.TryGetMember("entities", out var entities) || entities.ValueKind != JsonValueKind.Array) yield break;
        var special = new Dictionary<string, JsonElement>();
        if (config.TryGetMember("entitiesConfig", out var configs) && configs.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in configs.EnumerateArray())
            {
                if (!entry.TryGetMember("entities", out var names) || names.ValueKind != JsonValueKind.Array) continue;
                foreach (var name in names.EnumerateArray()) special[name.GetString() ?? ""] = entry;
            }
        }
        foreach (var entity in entities.EnumerateArray())
        {
            if (entity.GetString() is not { Length: > 0 } name) continue;
            var type = new ActorType(name, host, link).With(config);
            yield return special.TryGetValue(name, out var own) ? type.OnItsOwn().With(own) with { Drain = type.Drain } : type;
        }
    }

    // A type with a configuration of its own takes only the drain from that of all types.
    private ActorType OnItsOwn() => new(Name, Host, Link) { DrainTimeout = DrainTimeout, Drain = Drain };

    // A drain as long as a change of the hosts may take at all would hold it up.
    private static TimeSpan DrainLimit(TimeSpan given) => given < TimeSpan.FromSeconds(30) ? given : TimeSpan.FromSeconds(24);

    private ActorType With(JsonElement options)
    {
        var type = this;
        if (LengthOf(options, "actorIdleTimeout") is { } idle) type = type with { IdleTimeout = idle };
        if (LengthOf(options, "drainOngoingCallTimeout") is { } drain) type = type with { DrainTimeout = DrainLimit(drain) };
        if (options.TryGetMember("drainRebalancedActors", out var drains) && drains.ValueKind is JsonValueKind.True or JsonValueKind.False) type = type with { Drain = drains.GetBoolean() };
        if (!options.TryGetMember("reentrancy", out var reentrancy) || reentrancy.ValueKind != JsonValueKind.Object) return type;
        if (reentrancy.TryGetMember("enabled", out var enabled)) type = type with { Reentrant = enabled.ValueKind == JsonValueKind.True };
        return reentrancy.TryGetMember("maxStackDepth", out var depth) && depth.ValueKind == JsonValueKind.Number && depth.TryGetInt32(out var max) ? type with { MaxDepth = max } : type;
    }

    /// <summary>The types in the first message of a callback stream.</summary>
    internal static IEnumerable<ActorType> Read(SubscribeActorEventsRequestInitialAlpha1 first, ActorHost host, ActorLink link)
    {
        foreach (var name in first.Entities.Where(name => name.Length > 0))
        {
            var type = new ActorType(name, host, link).With(first.ActorIdleTimeout, first.DrainOngoingCallTimeout, first.HasDrainRebalancedActors ? first.DrainRebalancedActors : null, first.Reentrancy);
            var own = first.EntitiesConfig.FirstOrDefault(config => config.Entities.Contains(name));
            yield return own is null ? type : type.OnItsOwn().With(own.ActorIdleTimeout, own.DrainOngoingCallTimeout, null, own.Reentrancy);
        }
    }

    private ActorType With(Duration? idle, Duration? drain, bool? drains, ActorReentrancyConfig? reentrancy) => this with
    {
        IdleTimeout = idle?.Clamped() is { Ticks: > 0 } idleTime ? idleTime : IdleTimeout,
        DrainTimeout = drain?.Clamped() is { Ticks: > 0 } drainTime ? DrainLimit(drainTime) : DrainTimeout,
        Drain = drains ?? Drain,
        Reentrant = reentrancy?.Enabled ?? Reentrant,
        MaxDepth = reentrancy is { HasMaxStackDepth: true } ? reentrancy.MaxStackDepth : MaxDepth,
    };

    private static TimeSpan? LengthOf(JsonElement options, string name) =>
        options.TryGetMember(name, out var text) && text.ValueKind == JsonValueKind.String && Durations.TryGo(text.GetString()!, out var duration) && duration > TimeSpan.Zero ? duration : null;
}
