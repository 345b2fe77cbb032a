namespace Lepton.Sidecar.Hosting;

/// <summary>What one app asks of its sidecar: the flags of daprd, or an app of dapr.yaml.</summary>
public sealed record SidecarOptions
{
    /// <summary>The app's id.</summary>
    public required string AppId { get; init; }

    /// <summary>The port the app listens on; 0 when it has none.</summary>
    public int AppPort { get; init; }

    /// <summary>Port of the sidecar's HTTP API; 0 takes a free one.</summary>
    public int HttpPort { get; init; }

    /// <summary>Port of the sidecar's gRPC API; 0 takes a free one.</summary>
    public int GrpcPort { get; init; }

    /// <summary>Port for the sidecars of other stand-alone hosts; 0 takes a free one.</summary>
    public int InternalPort { get; init; }

    /// <summary>Where the app listens.</summary>
    public string AppChannelAddress { get; init; } = "127.0.0.1";

    /// <summary>http, https, h2c or grpc.</summary>
    public string AppProtocol { get; init; } = "http";

    /// <summary>Calls to the app at the same time; 0 or less is unlimited.</summary>
    public int AppMaxConcurrency { get; init; } = -1;

    /// <summary>Folders of resource files.</summary>
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    /// <summary>Resources written in place: YAML, several documents allowed. They come beside those of the folders; null for none.</summary>
    public string? Resources { get; init; }

    /// <summary>Configuration files.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary>Environment the resources may refer to, beside the process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Token callers of the sidecar must send; null for none.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Token the sidecar sends to the app; null for none.</summary>
    public string? AppToken { get; init; }

    /// <summary>Largest request body, bytes.</summary>
    public long MaxBodySize { get; init; } = 4 << 20;

    /// <summary>Health probing of the app, or null when it counts as healthy once it listens.</summary>
    public AppHealthOptions? AppHealth { get; init; }

    /// <summary>How long a stop may take.</summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Origins that browsers may call from; none leaves their questions unanswered.</summary>
    internal IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>A port with health and metadata alone, which asks for no token.</summary>
    internal int? PublicPort { get; init; }

    /// <summary>Questions that the app is not asked at the start: config, subscribe.</summary>
    internal IReadOnlyList<string> DisabledQuestions { get; init; } = [];

    /// <summary>How long the APIs stay up after a signal while nothing is delivered any more.</summary>
    public TimeSpan BlockShutdown { get; init; }
}

/// <summary>How an app's health is probed.</summary>
public sealed record AppHealthOptions
{
    /// <summary>Path that is asked.</summary>
    public string Path { get; init; } = "/healthz";

    /// <summary>Pause between two probes.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest answer time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Failures in a row that make the app unhealthy.</summary>
    public int Threshold { get; init; } = 3;
}
