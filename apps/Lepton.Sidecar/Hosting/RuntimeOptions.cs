namespace Lepton.Sidecar.Hosting;

/// <summary>What happens to a delivery that failed and has no dead-letter topic.</summary>
public enum FailedDelivery
{
    /// <summary>It stays pending and is delivered again with a growing pause.</summary>
    KeepPending,

    /// <summary>It is acknowledged and lost, as daprd's Redis component does: the harder case for apps to be tried against.</summary>
    AsDaprd,
}

/// <summary>What a runtime serves and where it keeps its state.</summary>
public sealed record RuntimeOptions
{
    /// <summary>The apps; each gets a sidecar of its own.</summary>
    public required IReadOnlyList<SidecarOptions> Sidecars { get; init; }

    /// <summary>Folder of everything durable; null keeps all in memory.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Folder through which the apps of other runtimes on this machine are found by their ids, and these by them; null keeps to itself.</summary>
    public string? PeersFolder { get; init; }

    /// <summary>Port of the control API; 0 takes a free one, null leaves it out.</summary>
    public int? ControlPort { get; init; }

    /// <summary>What happens to failed deliveries.</summary>
    public FailedDelivery FailedDelivery { get; init; }

    /// <summary>The clock; tests may pass their own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where start-up lines and faults go; null is the console.</summary>
    public Action<string>? Log { get; init; }
}
