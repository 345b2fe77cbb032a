using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Lepton.Cli.Checking;
using Lepton.Cli.Pipelines;
using Lepton.Cli.Supervision;
using Lepton.Contracts.Events;
using Lepton.Sidecar.Resources;
using Spectre.Console;

namespace Lepton.Cli.Commands;

internal static class ResultsCommand
{
    public static Command Create()
    {
        var pipeline = new Option<string?>("--pipeline") { Description = "only this pipeline" };
        var limit = new Option<int>("--limit") { Description = "how many of the newest results", DefaultValueFactory = _ => 20 };
        var follow = new Option<bool>("--follow") { Description = "goes on with new results as the checker (app id lepton-checker) gets them, until Ctrl-C" };
        var file = Shared.RunFile();
        var output = Shared.Output();
        var command = new Command("results", "shows the newest results of the edge node, newest last") { pipeline, limit, follow, file, output };
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(pipeline) is { } name)
            {
                PipelineCatalog.Load().Find(name);
            }

            using var interrupt = new Interrupt();
            using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            var apps = RunFile.Read(parsed.GetValue(file)!).Apps;
            var json = parsed.GetValue(output) == "json";
            try
            {
                await ListAsync(http, AddressOf(apps, "lepton-edge"), parsed.GetValue(pipeline), parsed.GetValue(limit), json && !parsed.GetValue(follow), json, interrupt.Soon);
                if (parsed.GetValue(follow))
                {
                    await FollowAsync(http, AddressOf(apps, RunPlan.Checker), parsed.GetValue(pipeline), json, interrupt.Soon);
                }
            }
            catch (HttpRequestException error)
            {
                throw new CommandException($"Lepton does not answer ({error.Message}); start it first: ./lepton up");
            }
            catch (Exception error) when (error is OperationCanceledException or IOException && interrupt.Soon.IsCancellationRequested)
            {
                // Ctrl-C is how following ends.
            }

            return 0;
        });
        return command;
    }

    private static async Task ListAsync(HttpClient http, Uri node, string? pipeline, int limit, bool whole, bool json, CancellationToken cancellationToken)
    {
        var query = $"/v1/results?limit={limit}{(pipeline is null ? "" : $"&pipeline={Uri.EscapeDataString(pipeline)}")}";
        var results = await http.GetFromJsonAsync(new Uri(node, query), CommandJson.Default.ResultArray, cancellationToken) ?? [];
        Array.Reverse(results);
        if (whole)
        {
            Console.WriteLine(JsonSerializer.Serialize(results, CommandJson.Default.ResultArray));
            return;
        }

        foreach (var result in results)
        {
            Write(result, json);
        }
    }

    private static async Task FollowAsync(HttpClient http, Uri checker, string? pipeline, bool json, CancellationToken cancellationToken)
    {
        using var stream = new StreamReader(await http.GetStreamAsync(new Uri(checker, "/v1/results/stream"), cancellationToken));
        while (await stream.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonSerializer.Deserialize(line.AsSpan(6), CheckingJson.Default.SeenResult) is { } seen
                && (pipeline is null || seen.Result.Pipeline == pipeline))
            {
                Write(seen.Result, json);
            }
        }
    }

    private static void Write(Result result, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, ContractJson.Default.Result));
            return;
        }

        var colour = result.Revision > 1 ? "green" : result.Status == Result.Provisional ? "yellow" : "default";
        AnsiConsole.MarkupLineInterpolated(
            $"{result.DecidedAt.ToLocalTime():HH:mm:ss.fff}  {result.Pipeline,-10} {Short(result.Device),-16} [{colour}]{result.Revision} {result.Status,-11} {Said(result.Answer),-22}[/] {string.Join(", ", result.Reasons),-24} {result.Subject}");
    }

    private static string Said(Answer? answer) => answer switch
    {
        null => "-",
        { Boxes: { } boxes } => $"{boxes.Length} boxes",
        { Label: { } label } => label,
        { Value: { } value } => $"{value:0.###}",
        _ => "-",
    };

    private static string Short(string device) => device[(device.LastIndexOf(':') + 1)..];

    private static Uri AddressOf(IEnumerable<RunApp> apps, string id) => apps.FirstOrDefault(app => app.Sidecar.AppId == id) is { } found
        ? new Uri($"http://127.0.0.1:{found.Sidecar.AppPort}")
        : throw new CommandException($"dapr.yaml has no app '{id}'; name the run file with -f");
}
