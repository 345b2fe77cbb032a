using System.Net;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Resources;

namespace Lepton.Cli.Supervision;

/// <summary>The children of `up`: the runtime, and every app of dapr.yaml with the command and variables that `dapr run -f` would give it.</summary>
internal sealed class RunPlan
{
    public const string Devices = "lepton-devices";
    public const string Checker = "lepton-checker";

    /// <summary>4 MiB, in hexadecimal. By default it follows the processor's last cache, and on a server's 32 MiB of it the runtime keeps 30 MB more for no more speed. Only the environment can say it.</summary>
    private const string YoungestGeneration = "400000";

    private readonly HttpClient http;
    private readonly string state;
    private readonly IReadOnlyList<RunApp> apps;
    private readonly int controlPort;

    public RunPlan(HttpClient http, LocalFolder folder, string file, int controlPort, string? failedDelivery)
    {
        (this.http, state, this.controlPort) = (http, folder.Root, controlPort);
        var run = RunFile.Read(file);
        apps = run.Apps;
        if (run.ResourceFaults() is { Count: > 0 } faults)
        {
            throw new FaultyResourceException(faults);
        }

        Runtime = RuntimePlan(folder, Path.GetFullPath(file), failedDelivery);
        Nodes = [.. apps.Where(app => app.Command.Count > 0 && app.Sidecar.AppId is not (Devices or Checker)).Select(app => AppPlan(app, []))];
        Check = AppPlan(Find(Checker), []);
    }

    public ChildPlan Runtime { get; }

    public IReadOnlyList<ChildPlan> Nodes { get; }

    public ChildPlan Check { get; }

    /// <summary>The generator, with the feeds that it is to send.</summary>
    public ChildPlan Generate(IEnumerable<string> feedArguments) => AppPlan(Find(Devices), [.. feedArguments]) with { EndsWhenDone = true };

    public Uri CheckerAddress => new($"http://127.0.0.1:{Find(Checker).Sidecar.AppPort}");

    public Uri EdgeAddress => new($"http://127.0.0.1:{Find("lepton-edge").Sidecar.AppPort}");

    /// <summary>Every port of the run with who needs it and where it is set.</summary>
    public IEnumerable<(int Port, string Who, string Setting)> Ports()
    {
        yield return (controlPort, "the runtime's control API", "--control-port");
        foreach (var app in apps.Select(app => app.Sidecar))
        {
            yield return (app.AppPort, app.AppId, "its appPort in dapr.yaml");
            yield return (app.HttpPort, $"the sidecar of {app.AppId}", "its daprHTTPPort in dapr.yaml");
            yield return (app.GrpcPort, $"the sidecar of {app.AppId}", "its daprGRPCPort in dapr.yaml");
        }
    }

    private ChildPlan RuntimePlan(LocalFolder folder, string file, string? failedDelivery)
    {
        // The runtime's program stands beside this one: the same build serves both.
        string[] command =
        [
            System.Environment.ProcessPath ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "Lepton.Sidecar.dll"),
            "-f", file, "--state", folder.Runtime, "--control-port", controlPort.ToString(),
            .. failedDelivery is null ? Array.Empty<string>() : ["--failed-delivery", failedDelivery],
        ];
        return new ChildPlan("runtime", command, Path.GetDirectoryName(file)!, new Dictionary<string, string> { ["DOTNET_GCgen0size"] = YoungestGeneration }, SidecarsAnswerAsync);
    }

    private ChildPlan AppPlan(RunApp app, IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string>(app.Environment) { ["LEPTON_STATE"] = state };
        return new ChildPlan(app.Sidecar.AppId, [.. app.Command, .. arguments], app.Directory, environment, cancellationToken => AppAnswersAsync(app, cancellationToken));
    }

    private RunApp Find(string id) => apps.FirstOrDefault(app => app.Sidecar.AppId == id)
        ?? throw new CommandException($"dapr.yaml has no app '{id}', which `up` needs; add it as in the repository's own dapr.yaml");

    private async Task<bool> SidecarsAnswerAsync(CancellationToken cancellationToken)
    {
        foreach (var app in apps)
        {
            if (!await AnswersAsync($"http://127.0.0.1:{app.Sidecar.HttpPort}/v1.0/healthz/outbound", cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> AppAnswersAsync(RunApp app, CancellationToken cancellationToken)
    {
        // Any answer of the app itself, and its sidecar knows it: a sidecar goes on saying so after the app has died.
        return (app.Sidecar.AppPort == 0 || await AnsweringAsync($"http://127.0.0.1:{app.Sidecar.AppPort}/healthz", cancellationToken) is not null)
            && await AnswersAsync($"http://127.0.0.1:{app.Sidecar.HttpPort}/v1.0/healthz", cancellationToken);
    }

    private async Task<bool> AnswersAsync(string address, CancellationToken cancellationToken) =>
        await AnsweringAsync(address, cancellationToken) is { } status && (int)status < 300;

    private async Task<HttpStatusCode?> AnsweringAsync(string address, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(address), cancellationToken);
        return answer.StatusCode;
    }
}
