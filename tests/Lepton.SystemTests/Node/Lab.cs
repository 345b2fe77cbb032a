using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dapr.Client;
using Lepton.Contracts.Events;
using Lepton.Node;
using Lepton.Sidecar.Hosting;
using Lepton.Workflows.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Lepton.SystemTests.Node;

/// <summary>Two worlds on this machine: an edge node and a cloud node, each beside its own sidecar of an embedded runtime, and a checker in the edge's world.</summary>
internal sealed class Lab : IAsyncDisposable
{
    /// <summary>Labels that <see cref="CalibrateAsync"/> gives.</summary>
    public const int Labels = 9;

    private static int lastPort = Random.Shared.Next(18_000);
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-lab-").FullName;
    private readonly Dictionary<string, int> appPorts = new() { ["lepton-edge"] = FreePort(), ["lepton-cloud"] = FreePort(), ["lepton-checker"] = FreePort() };
    private readonly Dictionary<string, (int Http, int Grpc)> ports = [];
    private readonly Dictionary<string, WebApplication> nodes = [];
    private EmbeddedRuntime? runtime;
    private DaprClient? devices;

    private Lab()
    {
    }

    public Checker Checker { get; private set; } = null!;

    public HttpClient Edge { get; private set; } = null!;

    public HttpClient Cloud { get; private set; } = null!;

    public string Resources => Path.Combine(folder, "resources");

    /// <summary>Starts everything; <paramref name="files"/> writes pipelines and models. Without <paramref name="cloud"/> nobody answers escalations yet.</summary>
    public static async Task<Lab> StartAsync(Action<string> files, bool cloud = true, Dictionary<string, string?>? environment = null)
    {
        var lab = new Lab();
        Directory.CreateDirectory(lab.Resources);
        files(lab.Resources);
        await lab.StartRuntimeAsync();
        lab.Edge = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{lab.appPorts["lepton-edge"]}/") };
        lab.Cloud = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{lab.appPorts["lepton-cloud"]}/") };
        lab.Checker = await Checker.StartAsync(lab.appPorts["lepton-checker"]);
        await lab.StartNodeAsync("edge", environment);
        if (cloud)
        {
            await lab.StartNodeAsync("cloud", environment);
        }

        return lab;
    }

    public int PortOf(string app) => appPorts[app];

    /// <summary>The HTTP API of an app's sidecar.</summary>
    public Uri SidecarOf(string app) => new($"http://127.0.0.1:{ports[app].Http}/v1.0/");

    public async Task StartRuntimeAsync()
    {
        Write("edge");
        Write("cloud");
        runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions
        {
            StateFolder = Path.Combine(folder, "state"),
            // The harder case: a delivery that fails for good is lost to the broker, as with daprd on Redis.
            FailedDelivery = FailedDelivery.AsDaprd,
            Log = _ => { },
            Sidecars =
            [
                Sidecar("lepton-edge", "edge"),
                Sidecar("lepton-cloud", "cloud"),
                Sidecar("lepton-checker", "edge"),
            ],
        });
        foreach (var app in appPorts.Keys)
        {
            ports[app] = runtime.PortsOf(app);
        }

        devices = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{ports["lepton-checker"].Grpc}").UseHttpEndpoint($"http://127.0.0.1:{ports["lepton-checker"].Http}").Build();
    }

    public async Task StopRuntimeAsync()
    {
        devices!.Dispose();
        await runtime!.DisposeAsync();
        runtime = null;
    }

    public Task StartNodeAsync(string tier, Dictionary<string, string?>? environment = null) => StartNodeAsync(tier, environment, appPorts["lepton-" + tier], tier);

    private async Task StartNodeAsync(string tier, Dictionary<string, string?>? environment, int port, string name)
    {
        var app = "lepton-" + tier;
        var values = new Dictionary<string, string?>(environment ?? [])
        {
            ["LEPTON_ROLE"] = tier,
            ["APP_PORT"] = port.ToString(),
            ["DAPR_HTTP_PORT"] = ports[app].Http.ToString(),
            ["DAPR_GRPC_PORT"] = ports[app].Grpc.ToString(),
            ["LEPTON_RESOURCES"] = Resources,
        };
        values.TryAdd("LEPTON_RETRY_FROM", "100ms");
        values.TryAdd("LEPTON_RETRY_TO", "500ms");
        var faults = new List<string>();
        var settings = NodeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), faults);
        Assert.Empty(faults);
        var book = PipelineBook.Load(Resources, null, tier);
        nodes[name] = NodeHost.Build(settings!, book, [.. values.Where(value => value.Value is not null).Select(value => $"--{value.Key}={value.Value}")]);
        await nodes[name].StartAsync();
    }

    /// <summary>Starts another replica of the edge node: the same app id, beside the same sidecar, on a port of its own.</summary>
    public async Task<HttpClient> StartReplicaAsync()
    {
        var port = FreePort();
        await StartNodeAsync("edge", null, port, "replica");
        return new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
    }

    public async Task StopNodeAsync(string tier)
    {
        nodes.Remove(tier, out var node);
        await node!.StopAsync();
        await node.DisposeAsync();
    }

    /// <summary>Publishes an event of a device on a pipeline's topic.</summary>
    public async Task PublishAsync(string pipeline, string device, string id, string data) =>
        await PublishAsync(pipeline, new CloudEvent { Id = id, Source = device, Type = EventTypes.Event, Time = DateTimeOffset.UtcNow, Data = Encoding.UTF8.GetBytes(data) }.ToJson());

    public async Task PublishAsync(string pipeline, byte[] body, string type = CloudEvent.MediaType) =>
        await devices!.PublishByteEventAsync("lepton-pubsub", Topics.Events(pipeline), body, type);

    public Task<Result> PostAsync(string pipeline, string device, string id, string data, HttpClient? replica = null) =>
        PostAsync(pipeline, new CloudEvent { Id = id, Source = device, Type = EventTypes.Event, Data = Encoding.UTF8.GetBytes(data) }, replica);

    public async Task<Result> PostAsync(string pipeline, CloudEvent sent, HttpClient? replica = null)
    {
        using var content = new ByteArrayContent(sent.ToJson());
        content.Headers.ContentType = new(CloudEvent.MediaType);
        using var answer = await (replica ?? Edge).PostAsync(new Uri($"v1/events/{pipeline}", UriKind.Relative), content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync(ContractJson.Default.Result))!;
    }

    /// <summary>Opens the gate: nine answers that the cloud checks, of which the one at x = 0.5 is wrong. From then on the edge accepts what lies farther from 0 than that.</summary>
    public async Task CalibrateAsync(string pipeline = "gauge")
    {
        for (var i = 0; i < Labels; i++)
        {
            await PostAsync(pipeline, "urn:gauge:calibration", i.ToString(), i == 0 ? GaugeFiles.Reading(0.5, -1) : GaugeFiles.Reading(3, 1));
        }

        await UntilAsync(async () => (await ReadAsync("v1/gates/" + pipeline)).GetProperty("phase").GetString() == "open", "nine labels open the gate");
    }

    public async Task<JsonElement> ReadAsync(string path)
    {
        using var document = JsonDocument.Parse(await Edge.GetStringAsync(new Uri(path, UriKind.Relative)));
        return document.RootElement.Clone();
    }

    /// <summary>Waits until the condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, $"after {seconds} s still not so: {what}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tier in nodes.Keys.ToList())
        {
            await StopNodeAsync(tier);
        }

        await Checker.DisposeAsync();
        devices?.Dispose();
        if (runtime is not null)
        {
            await runtime.DisposeAsync();
        }

        Edge.Dispose();
        Cloud.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The folder of the repository that the tests were built in.</summary>
    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "workflows", "pipelines")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    /// <summary>Copies a pipeline of the repository, with its models.</summary>
    public static void CopyPipeline(string name, string resources)
    {
        var workflows = Path.Combine(Repository(), "workflows");
        File.Copy(Path.Combine(workflows, "pipelines", name + ".yaml"), Path.Combine(resources, "pipelines", name + ".yaml"));
        foreach (var file in Directory.GetFiles(Path.Combine(workflows, "models"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(resources, "models", Path.GetRelativePath(Path.Combine(workflows, "models"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    /// <summary>Below the range from which the system gives ports to connections, so that a port whose app starts later is still free then.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = 12_000 + (Interlocked.Increment(ref lastPort) % 18_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: take the next one.
            }
        }
    }

    private SidecarOptions Sidecar(string app, string world) => new()
    {
        AppId = app,
        AppPort = appPorts[app],
        HttpPort = ports.GetValueOrDefault(app).Http,
        GrpcPort = ports.GetValueOrDefault(app).Grpc,
        ResourcesPaths = [Path.Combine(folder, "components", world)],
        MaxBodySize = 64 << 20,
    };

    private void Write(string world)
    {
        var components = Path.Combine(folder, "components", world);
        Directory.CreateDirectory(components);
        var database = world == "edge" ? 0 : 1;
        File.WriteAllText(Path.Combine(components, "all.yaml"), $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: lepton-pubsub}
            spec: {type: pubsub.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}, {name: redisDB, value: "{{database}}"}]}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: lepton-state}
            spec: {type: state.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}, {name: redisDB, value: "{{database}}"}, {name: actorStateStore, value: "true"}]}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: HTTPEndpoint
            metadata: {name: lepton-up}
            spec: {baseUrl: "http://127.0.0.1:{{appPorts["lepton-cloud"]}}"}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: {name: lepton-resiliency}
            spec:
              policies: {retries: {redeliver: {policy: constant, duration: 200ms, maxRetries: 100} } }
              targets: {components: {lepton-pubsub: {inbound: {retry: redeliver} } } }
            """);
    }
}
