using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Devices;
using Lepton.Cli.Pipelines;
using Lepton.Cli.Supervision;
using Lepton.Inference.Sources;
using Lepton.Sidecar.Resources;

namespace Lepton.Cli.Commands;

internal static class ReplayCommand
{
    public static Command Create()
    {
        var pipeline = new Argument<string>("pipeline") { Description = "the pipeline whose events are sent" };
        var from = new Option<string>("--from") { Description = "where they come from: a file, a folder, or simulator", HelpName = "input", Required = true };
        var rate = new Option<string>("--rate") { Description = "events a second, or max", HelpName = "50/s", DefaultValueFactory = _ => "max" };
        var seed = new Option<int>("--seed") { Description = "seed of everything simulated", DefaultValueFactory = _ => 1 };
        var length = Shared.Duration("--for", "stops after this time; at the end of the input without it");
        var file = Shared.RunFile();
        var output = Shared.Output();
        var command = new Command("replay", "sends recorded or simulated events into a running Lepton") { pipeline, from, rate, seed, length, file, output };
        command.SetAction(async (parsed, _) =>
        {
            var name = parsed.GetValue(pipeline)!;
            var options = new FeedOptions([name], [$"{name}={parsed.GetValue(from)}"], [parsed.GetValue(rate)!], parsed.GetValue(seed)) { InputOption = "--from" };
            var feed = options.Resolve(PipelineCatalog.Load()).Single();
            UseSidecarOf(RunPlan.Devices, parsed.GetValue(file)!);
            using var interrupt = new Interrupt();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt.Soon);
            if (parsed.GetValue(length) is { } limit)
            {
                stop.CancelAfter(limit);
            }

            var sent = await SendAsync(feed, options.Seed, stop.Token);
            Console.WriteLine(parsed.GetValue(output) == "json"
                ? JsonSerializer.Serialize(new ReplayReport(name, sent), CommandJson.Default.ReplayReport)
                : $"{sent} events of '{name}' were sent and acknowledged");
            return 0;
        });
        return command;
    }

    private static async Task<long> SendAsync(Feed feed, int seed, CancellationToken stop)
    {
        using (var publisher = new EventPublisher())
        {
            if (!await publisher.IsReadyAsync(stop))
            {
                throw new CommandException($"no sidecar answers on port {Environment.GetEnvironmentVariable("DAPR_HTTP_PORT")}; start Lepton first: ./lepton up");
            }
        }

        var folder = LocalFolder.Current().Prepare();
        var now = TimeProvider.System.GetUtcNow();
        var run = folder.CurrentRun(now);
        // The same run with a mark of its own: the checker counts these events too, and their ids meet nobody else's.
        var mark = $"replay{now.ToUnixTimeSeconds()}";
        var sent = await DevicesApp.SendAsync([feed], folder, name => $"{name}.{mark}", _ => new ReadRequest
        {
            Data = Environment.GetEnvironmentVariable("LEPTON_DATA"),
            Seed = seed,
            Run = $"{run}-{mark}",
            Start = now,
        }, run, stop);
        return sent[feed.Pipeline.Name];
    }

    private static void UseSidecarOf(string app, string file)
    {
        if (Environment.GetEnvironmentVariable("DAPR_GRPC_PORT") is null or "" && RunFile.Read(file).Apps.FirstOrDefault(one => one.Sidecar.AppId == app) is { } found)
        {
            Environment.SetEnvironmentVariable("DAPR_HTTP_PORT", found.Sidecar.HttpPort.ToString());
            Environment.SetEnvironmentVariable("DAPR_GRPC_PORT", found.Sidecar.GrpcPort.ToString());
        }
    }
}
