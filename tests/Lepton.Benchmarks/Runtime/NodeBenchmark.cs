using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Net.Client;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference.Sources;
using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>From a device's publish to the result at a subscriber, through a node that keeps records and twins. It answers with the edge's model and has no tier above it, so nothing is escalated.</summary>
internal sealed class NodeBenchmark : Benchmark
{
    private const int PerSecond = 1000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);
    private readonly ConcurrentDictionary<string, long> sent = new();
    private readonly int[] ports = [.. Enumerable.Range(0, 5).Select(_ => FreePort.Take())];

    public override string Name => "node";

    public override string What => "heart beats at 1,000 a second from publish to result, through runtime and node (four processes)";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("lepton-node-");
        try
        {
            return await MeasureAsync(folder.FullName, rounds, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<IReadOnlyList<Row>> MeasureAsync(string folder, int rounds, CancellationToken cancellation)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lepton.Dapr.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("the benchmark runs outside the repository");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "dapr.yaml"), $$"""
            version: 1
            common: {resourcesPath: {{root}}/components/local/cloud}
            apps:
              - {appID: lepton-cloud, appDirPath: ., appPort: {{ports[0]}}, daprHTTPPort: {{ports[1]}}, daprGRPCPort: {{ports[2]}} }
              - {appID: bench, appDirPath: ., daprHTTPPort: {{ports[3]}}, daprGRPCPort: {{ports[4]}} }
            """, cancellation);
        using var runtime = new ChildProcess(["dotnet", Path.Combine(AppContext.BaseDirectory, "Lepton.Sidecar.dll"), "-f", Path.Combine(folder, "dapr.yaml"), "--state", Path.Combine(folder, "state"), "--control-port", "0"], folder);
        using var node = new ChildProcess(
            ["env", "LEPTON_ROLE=cloud", $"LEPTON_RESOURCES={Resources(root, folder)}", $"APP_PORT={ports[0]}", $"DAPR_HTTP_PORT={ports[1]}", $"DAPR_GRPC_PORT={ports[2]}", "dotnet", Path.Combine(root, "artifacts/bin/Lepton.Node/release/Lepton.Node.dll")], folder);
        using var publisher = new Publisher();
        await ReadyAsync(publisher, runtime, node, cancellation);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports[4]}");
        using var results = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel).SubscribeTopicEventsAlpha1(cancellationToken: cancellation);
        await results.RequestStream.WriteAsync(new() { InitialRequest = new() { PubsubName = "lepton-pubsub", Topic = Topics.Results } }, cancellation);
        var latencies = new Latencies();
        var reading = ReadAsync(results, () => latencies, cancellation);
        var events = Beats(root, cancellation).GetAsyncEnumerator(cancellation);
        await PacedAsync(publisher, await TakeAsync(events, WarmUp), WarmUp, cancellation);
        List<double> middle = [], tail = [], runtimes = [], nodes = [], clients = [];
        for (var round = 0; round < rounds; round++)
        {
            latencies = new Latencies();
            var beats = await TakeAsync(events, Round);
            var count = beats.Count;
            var (atRuntime, atNode, atClient) = (runtime.Processor, node.Processor, Environment.CpuUsage.TotalTime);
            await PacedAsync(publisher, beats, Round, cancellation);
            middle.Add(latencies.At(0.5));
            tail.Add(latencies.At(0.99));
            runtimes.Add((runtime.Processor - atRuntime).TotalMicroseconds / count);
            clients.Add((Environment.CpuUsage.TotalTime - atClient).TotalMicroseconds / count);
            nodes.Add((node.Processor - atNode).TotalMicroseconds / count);
        }

        return
        [
            Row.Of("beat to result at 1,000/s", "p50", "ms", middle, limit: 1.5),
            Row.Of("beat to result at 1,000/s", "p99", "ms", tail, limit: 8),
            Row.Of("processor, a beat", "the runtime's", "us", runtimes),
            Row.Of("processor, a beat", "the node's", "us", nodes),
            Row.Of("processor, a beat", "device and subscriber", "us", clients),
        ];
    }

    /// <summary>Beats made beforehand: making them would take from the two cores what is measured.</summary>
    private static async Task<Queue<(string Id, byte[] Body)>> TakeAsync(IAsyncEnumerator<SourceEvent> events, TimeSpan length)
    {
        var beats = new Queue<(string, byte[])>();
        for (var left = (int)(PerSecond * length.TotalSeconds); left > 0; left--)
        {
            await events.MoveNextAsync();
            var one = events.Current;
            beats.Enqueue((one.Id, new CloudEvent { Id = one.Id, Source = one.Device, Type = "dev.lepton.event.v1", Time = one.Time, DataContentType = one.ContentType, Data = one.Data }.ToJson()));
        }

        return beats;
    }

    /// <summary>The edge's model on the highest tier: it answers everything, and escalates nothing.</summary>
    private static string Resources(string root, string folder)
    {
        var text = File.ReadAllText(Path.Combine(root, "workflows/pipelines/ecg.yaml"));
        var (edge, cloud, twin) = (text.IndexOf("    edge:", StringComparison.Ordinal), text.IndexOf("    cloud:", StringComparison.Ordinal), text.IndexOf("  twin:", StringComparison.Ordinal));
        var resources = Path.Combine(folder, "node");
        Directory.CreateDirectory(Path.Combine(resources, "pipelines"));
        File.WriteAllText(Path.Combine(resources, "pipelines", "ecg.yaml"), text[..cloud] + text[edge..cloud].Replace("edge:", "cloud:", StringComparison.Ordinal) + text[twin..]);
        Directory.CreateSymbolicLink(Path.Combine(resources, "models"), Path.Combine(root, "workflows/models"));
        return resources;
    }

    private static IAsyncEnumerable<SourceEvent> Beats(string root, CancellationToken cancellation)
    {
        var faults = new List<Fault>();
        var file = Path.Combine(root, "workflows/pipelines/ecg.yaml");
        var pipeline = PipelineReader.Read(file, File.ReadAllText(file), faults)[0];
        var reader = EventReader.Open(pipeline, new ReadRequest { Input = "simulator", Start = DateTimeOffset.UtcNow, Run = $"{Environment.TickCount64}", Repeat = true }, faults);
        return reader!.Read(cancellation);
    }

    private async Task ReadyAsync(Publisher publisher, ChildProcess runtime, ChildProcess node, CancellationToken cancellation)
    {
        while (true)
        {
            runtime.ThrowIfEnded();
            node.ThrowIfEnded();
            try
            {
                await publisher.GetAsync($"http://127.0.0.1:{ports[1]}/v1.0/healthz");
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    private async Task ReadAsync(Grpc.Core.AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> results, Func<Latencies> latencies, CancellationToken cancellation)
    {
        while (await results.ResponseStream.MoveNext(cancellation))
        {
            if (results.ResponseStream.Current.EventMessage is not { } message)
            {
                continue;
            }

            var id = JsonDocument.Parse(message.Data.Memory).RootElement.GetProperty("eventId").GetString()!;
            if (sent.TryRemove(id, out var at))
            {
                latencies().Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            await results.RequestStream.WriteAsync(new() { EventProcessed = new() { Id = message.Id, Status = new() } }, cancellation);
        }
    }

    private async Task PacedAsync(Publisher publisher, Queue<(string Id, byte[] Body)> beats, TimeSpan length, CancellationToken cancellation)
    {
        var url = $"http://127.0.0.1:{ports[3]}/v1.0/publish/lepton-pubsub/{Topics.Events("ecg")}";
        await Lanes.PacedAsync(PerSecond, length, () =>
        {
            if (!beats.TryDequeue(out var beat))
            {
                return new(Task.CompletedTask);
            }

            sent[beat.Id] = Stopwatch.GetTimestamp();
            return new(publisher.PostAsync(url, beat.Body, CloudEvent.MediaType));
        }, cancellation);
        var patience = Stopwatch.GetTimestamp();
        while (!sent.IsEmpty)
        {
            if (Stopwatch.GetElapsedTime(patience).TotalSeconds > 30)
            {
                throw new InvalidOperationException($"{sent.Count} beats had no result within 30 s");
            }

            await Task.Delay(5, cancellation);
        }
    }
}
