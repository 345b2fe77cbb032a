using Lepton.Contracts.Resources;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Hosting;

/// <summary>The two ways to start the host: a whole dapr.yaml, or one app by daprd's flags.</summary>
internal static class CommandLine
{
    internal const string Help = """
        lepton runtime -f dapr.yaml [--state .lepton/runtime] [--control-port 3600] [--failed-delivery as-daprd]
            A sidecar for each app of dapr.yaml, as `dapr run -f` would lay them out. The apps themselves are started by you (or `lepton up`).

        lepton runtime --app-id ID [--app-port N] [--dapr-http-port 3500] [--dapr-grpc-port 50001] [--resources-path DIR]... [--config FILE]...
            One sidecar, with daprd's flags. Flags of daprd that mean nothing on one machine are accepted. Hosts started so invoke each other's apps by id.
        """;

    private static readonly string[] Switches = ["enable-metrics", "enable-profiling", "enable-app-health-check", "app-ssl", "enable-mtls", "log-as-json", "enable-api-logging", "disable-builtin-k8s-secret-store", "version", "build-info", "wait", "help"];

    internal static RuntimeOptions Read(string[] arguments)
    {
        var flags = new Flags(arguments, Switches);
        var failed = flags.One("failed-delivery") switch
        {
            null or "keep-pending" => FailedDelivery.KeepPending,
            "as-daprd" => FailedDelivery.AsDaprd,
            var other => throw new RuntimeException($"--failed-delivery is '{other}'. Use keep-pending or as-daprd."),
        };
        var file = flags.One("f") ?? flags.One("run-file");
        return file is not null
            ? new RuntimeOptions
            {
                Sidecars = [.. RunFile.Read(Directory.Exists(file) ? Path.Combine(file, "dapr.yaml") : file).Apps.Select(a => a.Sidecar)],
                StateFolder = flags.One("state") ?? Path.Combine(".lepton", "runtime"),
                ControlPort = flags.Number("control-port", 3600),
                FailedDelivery = failed,
            }
            : new RuntimeOptions
            {
                Sidecars = [Alone(flags)],
                StateFolder = flags.One("state") ?? Path.Combine(".lepton", "runtime-" + flags.One("app-id")),
                PeersFolder = Peers.DefaultFolder,
                ControlPort = flags.One("control-port") is null ? null : flags.Number("control-port", 0),
                FailedDelivery = failed,
            };
    }

    /// <summary>Waits a minute for another host to answer on its HTTP port, as `daprd --wait` does.</summary>
    internal static async Task<bool> WaitAsync(string[] arguments)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(500) };
        var health = $"http://127.0.0.1:{new Flags(arguments, Switches).Number("dapr-http-port", 3500)}/v1.0/healthz/outbound";
        for (var tries = 0; tries < 600; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(health).ConfigureAwait(false);
                if ((int)answer.StatusCode == 204) return true;
            }
            catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
            {
                // Not there yet.
            }
            await Task.Delay(100).ConfigureAwait(false);
        }
        return false;
    }

    private static SidecarOptions Alone(Flags flags) => new()
    {
        AppId = flags.One("app-id") is { Length: > 0 } id ? id : throw new RuntimeException("--app-id is missing. Name the app, or give a dapr.yaml with -f. See --help."),
        AppPort = flags.Number("app-port", 0),
        HttpPort = flags.Number("dapr-http-port", 3500),
        GrpcPort = flags.Number("dapr-grpc-port", 50001),
        InternalPort = flags.Number("dapr-internal-grpc-port", 0),
        AppChannelAddress = flags.One("app-channel-address") ?? "127.0.0.1",
        AppProtocol = (flags.One("app-protocol") is { Length: > 0 } protocol ? protocol : "http") is var given && flags.Has("app-ssl") && given is "http" or "grpc" ? given + "s" : given,
        AppMaxConcurrency = flags.Number("app-max-concurrency", -1),
        ResourcesPaths = [.. flags.Several("resources-path"), .. flags.All("components-path")],
        ConfigFiles = [.. flags.Several("config")],
        ApiToken = Variable("DAPR_API_TOKEN"),
        AppToken = Variable("APP_API_TOKEN"),
        MaxBodySize = flags.One("max-body-size") is { } size ? Bytes(size) : (long)flags.Number("dapr-http-max-request-size", 4) << 20,
        AllowedOrigins = flags.One("allowed-origins") is { Length: > 0 } origins ? origins.Split(',') : [],
        PublicPort = flags.One("dapr-public-port") is { Length: > 0 } ? flags.Number("dapr-public-port", 0) : null,
        DisabledQuestions = [.. flags.All("disable-init-endpoints").SelectMany(static list => list.Split(',', StringSplitOptions.TrimEntries))],
        AppHealth = flags.Has("enable-app-health-check") ? Health(flags) : null,
        GracefulShutdown = TimeSpan.FromSeconds(flags.Number("dapr-graceful-shutdown-seconds", 5)),
        BlockShutdown = flags.One("dapr-block-shutdown-duration") is { } block && Quantity.TryDuration(block, out var length) ? length : TimeSpan.Zero,
    };

    private static AppHealthOptions Health(Flags flags) => new()
    {
        Path = flags.One("app-health-check-path") ?? "/healthz",
        Interval = TimeSpan.FromSeconds(flags.Number("app-health-probe-interval", 5)),
        Timeout = TimeSpan.FromMilliseconds(flags.Number("app-health-probe-timeout", 500)),
        Threshold = flags.Number("app-health-threshold", 3),
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static long Bytes(string text) => Quantity.TryBytes(text, out var bytes) ? bytes > 0 ? bytes : int.MaxValue : throw new RuntimeException($"--max-body-size is '{text}'. Write it as 4Mi or 65536.");
}
