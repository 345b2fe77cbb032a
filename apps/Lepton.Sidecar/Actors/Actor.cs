namespace Lepton.Sidecar.Actors;

/// <summary>An active actor.</summary>
internal sealed class Actor(ActorType type, string id)
{
    private long lastUsed;

    internal ActorType Type => type;

    internal string Id => id;

    internal TurnLock Turns { get; } = new();

    /// <summary>Deactivated: a call that waited for its turn has to look the actor up again.</summary>
    internal bool Retired { get; set; }

    /// <summary>Cancelled when a drain has waited long enough for the call inside.</summary>
    internal CancellationTokenSource Ending { get; } = new();

    /// <summary>Whether its app was called, which activates it.</summary>
    internal bool Used => Volatile.Read(ref lastUsed) != 0;

    internal DateTimeOffset LastUsed => new(Volatile.Read(ref lastUsed), TimeSpan.Zero);

    internal void Touch(DateTimeOffset now) => Volatile.Write(ref lastUsed, now.UtcTicks);
}
