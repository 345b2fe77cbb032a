using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads one app of a dapr.yaml; what it leaves out comes from `common`.</summary>
internal sealed class AppReader(YamlMap app, YamlMap? common, string root)
{
    private static readonly string[] Shared =
    [
        "env", "appProtocol", "appMaxConcurrency", "maxBodySize", "resourcesPaths", "resourcesPath", "configFilePath",
        "enableAppHealthCheck", "appHealthCheckPath", "appHealthProbeInterval", "appHealthProbeTimeout", "appHealthThreshold",
    ];

    // Known to `dapr run -f`, without a meaning in one process on one machine: read so that a typing error elsewhere is found.
    private static readonly string[] Ignored =
    [
        "daprInternalGRPCPort", "metricsPort", "profilePort", "unixDomainSocket", "containerImage", "containerImagePullPolicy", "createService", "apiListenAddresses",
        "logLevel", "enableProfiling", "placementHostAddress", "schedulerHostAddress", "appSSL", "readBufferSize", "enableApiLogging", "runtimePath", "daprdLogDestination", "appLogDestination",
    ];

    internal RunApp Read()
    {
        var folder = Folder(root, app.RequiredText("appDirPath", "write the app's folder, such as ."), "appDirPath");
        var id = app.Text("appID") ?? new DirectoryInfo(folder).Name;
        var environment = new Dictionary<string, string>();
        foreach (var source in new[] { common?.Map("env"), app.Map("env") })
            foreach (var (name, value) in source?.Scalars() ?? new Dictionary<string, string>()) environment[name] = value;

        var appPort = app.WholeNumber("appPort", 0, most: 65535);
        var options = new SidecarOptions
        {
            AppId = id,
            AppPort = Math.Max(0, appPort),
            HttpPort = Port("daprHTTPPort"),
            GrpcPort = Port("daprGRPCPort"),
            AppChannelAddress = app.Text("appChannelAddress", "127.0.0.1")!,
            AppProtocol = Text("appProtocol", "http"),
            AppMaxConcurrency = Source("appMaxConcurrency").WholeNumber("appMaxConcurrency", -1),
            MaxBodySize = Source("maxBodySize").Bytes("maxBodySize", 4 << 20),
            ResourcesPaths = Resources(folder),
            ConfigFiles = Configuration(folder),
            Environment = environment,
            ApiToken = Token("DAPR_API_TOKEN", environment),
            AppToken = Token("APP_API_TOKEN", environment),
            AppHealth = Health(),
        };
        foreach (var key in Ignored) app.Node(key);
        var command = app.Texts("command");
        app.Close();
        return new RunApp { Sidecar = options, Directory = folder, Command = command, Environment = ForCommand(environment, options) };
    }

    /// <summary>Reports what `common` holds that nobody knows.</summary>
    internal static void CloseCommon(YamlMap common)
    {
        foreach (var key in (ReadOnlySpan<string>)[.. Shared, .. Ignored]) common.Node(key);
        common.Close();
    }

    private static Dictionary<string, string> ForCommand(Dictionary<string, string> given, SidecarOptions options)
    {
        var all = new Dictionary<string, string>(given) { ["APP_ID"] = options.AppId, ["APP_CHANNEL_ADDRESS"] = options.AppChannelAddress, ["APP_PROTOCOL"] = options.AppProtocol };
        if (options.AppPort > 0) all["APP_PORT"] = options.AppPort.ToString();
        all["DAPR_HTTP_PORT"] = options.HttpPort.ToString();
        all["DAPR_GRPC_PORT"] = options.GrpcPort.ToString();
        return all;
    }

    private static string? Token(string name, Dictionary<string, string> environment) =>
        (environment.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name)) is { Length: > 0 } token ? token : null;

    private AppHealthOptions? Health()
    {
        if (!Source("enableAppHealthCheck").Flag("enableAppHealthCheck", false)) return null;
        return new AppHealthOptions
        {
            Path = Text("appHealthCheckPath", "/healthz"),
            Interval = TimeSpan.FromSeconds(Source("appHealthProbeInterval").WholeNumber("appHealthProbeInterval", 5)),
            Timeout = TimeSpan.FromMilliseconds(Source("appHealthProbeTimeout").WholeNumber("appHealthProbeTimeout", 500)),
            Threshold = Source("appHealthThreshold").WholeNumber("appHealthThreshold", 3),
        };
    }

    private int Port(string key) => app.WholeNumber(key, 0, most: 65535) is > 0 and var port ? port : FreePort.Take();

    private YamlMap Source(string key) => app.Has(key) || common is null ? app : common;

    private string Text(string key, string otherwise) => app.Text(key) is { Length: > 0 } own ? own : common?.Text(key) is { Length: > 0 } shared ? shared : otherwise;

    private IReadOnlyList<string> Resources(string folder)
    {
        if (Paths(app) is { Count: > 0 } own) return [.. own.Select(p => Folder(folder, p, "resourcesPaths"))];
        if (Directory.Exists(Path.Combine(folder, ".dapr", "resources"))) return [Path.Combine(folder, ".dapr", "resources")];
        if (common is not null && Paths(common) is { Count: > 0 } shared) return [.. shared.Select(p => Folder(root, p, "resourcesPaths"))];
        var home = Path.Combine(Home, ".dapr", "components");
        return Directory.Exists(home) ? [home] : [];
    }

    private static List<string> Paths(YamlMap map) => [.. map.Texts("resourcesPaths"), .. map.Text("resourcesPath") is { Length: > 0 } single ? [single] : Array.Empty<string>()];

    private IReadOnlyList<string> Configuration(string folder)
    {
        if (app.Text("configFilePath") is { Length: > 0 } own) return [Full(folder, own)];
        if (File.Exists(Path.Combine(folder, ".dapr", "config.yaml"))) return [Path.Combine(folder, ".dapr", "config.yaml")];
        if (common?.Text("configFilePath") is { Length: > 0 } shared) return [Full(root, shared)];
        var home = Path.Combine(Home, ".dapr", "config.yaml");
        return File.Exists(home) ? [home] : [];
    }

    private string Folder(string from, string path, string key)
    {
        var full = Full(from, path);
        if (!Directory.Exists(full)) app.Report(key, $"names '{path}', which is no folder (looked at {full})", "correct the path or create the folder");
        return full;
    }

    private static string Full(string from, string path) => Path.GetFullPath(path.StartsWith('~') ? Home + path[1..] : path, from);

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
