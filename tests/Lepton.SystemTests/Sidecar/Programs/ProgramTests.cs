using System.Diagnostics;
using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>
/// Random workflow programs, played by official workers while workers and runtime are killed with -9 at random and answers come late and twice. In the end each
/// result is the sequential model's, each effect happened, with one value per key, and no instance is left waiting.
/// </summary>
public sealed class ProgramTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 2;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly SidecarProcess sidecar = new();
    private readonly DirectoryInfo effects = Directory.CreateTempSubdirectory("lepton-effects-");
    private readonly List<PlayerProcess> workers = [];
    private readonly CancellationToken stop = TestContext.Current.CancellationToken;
    private ServiceProvider? services;
    private int started;
    private bool sendsTokens = true;

    private DaprWorkflowClient Client => services!.GetRequiredService<DaprWorkflowClient>();

    [Fact]
    public Task Fifty_programs_and_ten_kills_come_to_what_the_model_says() => PlayAsync(seed: 7, programs: 50, kills: 10);

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_thousand_programs_and_two_hundred_kills_come_to_what_the_model_says()
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("LEPTON_SEED"), out var given) ? given : 1000;
        for (var round = 0; round < 10; round++) await PlayAsync(first + round, programs: 100, kills: 20);
    }

    // As the JavaScript worker. Where none of its runs begins anew, the engine tells answers apart by what they hold; a second copy over a ContinueAsNew it could not.
    [Fact]
    [Trait("Category", "Long")]
    public async Task Three_hundred_programs_of_workers_that_send_no_tokens_come_to_what_the_model_says()
    {
        sendsTokens = false;
        for (var round = 0; round < 3; round++) await PlayAsync(3000 + round, programs: 100, kills: 20);
    }

    private async Task PlayAsync(int seed, int programs, int kills)
    {
        var begun = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        var models = Enumerable.Range(0, programs).Select(i => Make($"s{seed}-{i}", random)).ToList();
        if (services is null) await OpenAsync();
        // The events come at moments of their own, many before anyone waits for them.
        var play = Task.WhenAll(models.Select(model => LeadAsync(model, random.Next(kills * 300), new Random(random.Next()))));
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(50, 300), stop);
            await KillAsync(runtime: kill % 4 == 3, random);
        }
        await play;
        await CheckAsync(seed, models);
        output.WriteLine($"seed {seed}: {programs} programs, {models.Sum(model => model.Effects.Count)} effects, {kills} kills, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
    }

    private Model Make(string key, Random random)
    {
        while (true)
        {
            var model = Model.Make(key, new Random(random.Next()));
            if (sendsTokens || model.Program.Steps.All(static step => step.Do != "again")) return model;
        }
    }

    private async Task OpenAsync()
    {
        await sidecar.StartAsync(stop);
        services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{sidecar.GrpcPort}",
                ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{sidecar.HttpPort}",
            }).Build())
            .AddLogging(static logging => logging.ClearProviders())
            .AddDaprWorkflow(static _ => { })
            .BuildServiceProvider();
        for (var i = 0; i < Workers; i++) workers.Add(StartWorker());
    }

    private PlayerProcess StartWorker() => new(sidecar.GrpcPort, sidecar.HttpPort, Path.Combine(effects.FullName, $"{started++}.txt"), sendsTokens);

    // A worker that loses its runtime comes back only after five seconds; new ones connect at once.
    private async Task KillAsync(bool runtime, Random random)
    {
        if (runtime)
        {
            sidecar.Kill();
            if (random.Next(2) == 0) await Task.Delay(random.Next(200), stop);
            await sidecar.StartAsync(stop);
        }
        var victim = random.Next(Workers);
        workers[victim].Dispose();
        workers[victim] = StartWorker();
    }

    private async Task LeadAsync(Model model, int startAfterMs, Random random)
    {
        await Task.Delay(startAfterMs, stop);
        await InsistAsync(() => Client.ScheduleNewWorkflowAsync(nameof(Player), model.Program.Key, model.Program, DateTimeOffset.UtcNow));
        await Task.WhenAll(model.Events.Select(said => RaiseAsync(said.Instance, said.Name, said.Value, random.Next(1000))));
    }

    private async Task RaiseAsync(string instance, string name, long value, int afterMs)
    {
        await Task.Delay(afterMs, stop);
        await InsistAsync(() => Client.RaiseEventAsync(instance, name, value, stop));
    }

    // The runtime may be down, or the child that is to hear not be there yet.
    private async Task InsistAsync(Func<Task> call)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await call().WaitAsync(TimeSpan.FromSeconds(10), stop);
                return;
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
            {
                return;
            }
            catch (Exception fault) when (fault is RpcException or TimeoutException && Stopwatch.GetElapsedTime(begun) < Longest)
            {
                await Task.Delay(50, stop);
            }
        }
    }

    private async Task CheckAsync(int seed, List<Model> models)
    {
        var until = Stopwatch.GetTimestamp() + Longest.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
        var faults = new List<string>();
        foreach (var model in models)
        {
            WorkflowState? state = null;
            await InsistAsync(async () => state = await Client.GetWorkflowStateAsync(model.Program.Key, true, stop));
            while (state is { IsWorkflowCompleted: false } && Stopwatch.GetTimestamp() < until)
            {
                await Task.Delay(20, stop);
                await InsistAsync(async () => state = await Client.GetWorkflowStateAsync(model.Program.Key, true, stop));
            }
            if (state is not { RuntimeStatus: WorkflowRuntimeStatus.Completed }) faults.Add($"'{model.Program.Key}' is {state?.RuntimeStatus.ToString() ?? "unknown"} {state?.FailureDetails?.ErrorMessage}, {Text(model.Program.Steps)}");
            else if (state.ReadOutputAs<long>() is var result && result != model.Result) faults.Add($"'{model.Program.Key}' gave {result} instead of {model.Result}, {Text(model.Program.Steps)}");
        }
        faults.AddRange(CheckEffects(seed, models));
        Assert.True(faults.Count == 0, $"seed {seed}: {faults.Count} faults\n{string.Join('\n', faults.Take(10))}");
    }

    private static string Text(Step[] steps) => string.Join(' ', steps.Select(step => step.Body is { } body ? $"{step.Do}({Text(body)})" : $"{step.Do}{step.Number}"));

    private IEnumerable<string> CheckEffects(int seed, List<Model> models)
    {
        var wanted = models.SelectMany(model => model.Effects).ToDictionary();
        var seen = new HashSet<string>();
        foreach (var file in effects.EnumerateFiles())
        {
            using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = line.Split(' ');
                if (!parts[0].Contains($"s{seed}-", StringComparison.Ordinal)) continue;
                if (!wanted.TryGetValue(parts[0], out var value)) yield return $"effect '{parts[0]}' is of no program";
                else if (parts[1] != $"{value}") yield return $"effect '{parts[0]}' had value {parts[1]} instead of {value}";
                seen.Add(parts[0]);
            }
        }
        foreach (var key in wanted.Keys.Where(key => !seen.Contains(key))) yield return $"effect '{key}' did not happen";
    }

    public void Dispose()
    {
        foreach (var worker in workers) worker.Dispose();
        services?.Dispose();
        sidecar.Dispose();
        effects.Delete(recursive: true);
    }
}
