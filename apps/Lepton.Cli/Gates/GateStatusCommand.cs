using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lepton.Cli.Commands;
using Spectre.Console;

namespace Lepton.Cli.Gates;

/// <summary>Where the gates of a running node stand, as it says itself.</summary>
internal static class GateStatusCommand
{
    private static readonly (string Title, Func<JsonElement, string> Text)[] Columns =
    [
        ("pipeline", gate => Text(gate, "pipeline")),
        ("phase", gate => Text(gate, "phase")),
        ("alpha", gate => Number(gate, "alpha")),
        ("labels (wrong)", gate => $"{Number(gate, "n")} ({Number(gate, "errors")})"),
        ("threshold", gate => Number(gate, "tau")),
        ("bound", gate => Number(gate, "bound")),
        ("achieved (audits)", gate => $"{Number(gate, "achievedBound")} ({Number(gate, "shadow")})"),
        ("escalated", gate => Number(gate, "escalationRate")),
        ("alarms", gate => Number(gate, "alarms")),
        ("guarantee", gate => Text(gate, "guarantee")),
    ];

    public static Command Create()
    {
        var node = new Option<Uri>("--node") { Description = "the node that is asked", HelpName = "http://127.0.0.1:8601", DefaultValueFactory = _ => new Uri("http://127.0.0.1:8601") };
        var pipeline = new Option<string?>("--pipeline") { Description = "only this pipeline" };
        var output = Shared.Output();
        var command = new Command("status", "shows where the gates of a running node stand") { node, pipeline, output };
        command.SetAction(async (parsed, stop) =>
        {
            await ShowAsync(parsed.GetValue(node)!, parsed.GetValue(pipeline), parsed.GetValue(output) == "json", Console.Out, stop);
            return 0;
        });
        return command;
    }

    public static async Task ShowAsync(Uri node, string? pipeline, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        if (!node.IsAbsoluteUri || node.Scheme is not ("http" or "https"))
        {
            throw new CommandException($"--node is '{node}'; write a whole address such as http://127.0.0.1:8601", CommandException.WrongUse);
        }

        using var document = await ReadAsync(node, cancellationToken);
        var gates = document.RootElement.EnumerateArray().Where(gate => pipeline is null || Text(gate, "pipeline") == pipeline).ToList();
        if (gates.Count == 0)
        {
            throw new CommandException($"the node at {node} serves no pipeline '{pipeline}'; it serves {string.Join(", ", document.RootElement.EnumerateArray().Select(gate => Text(gate, "pipeline")))}");
        }

        if (json)
        {
            await output.WriteLineAsync($"[{string.Join(",\n ", gates.Select(gate => gate.GetRawText()))}]");
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 150);
        var table = new Table().HorizontalBorder();
        foreach (var (title, _) in Columns)
        {
            table.AddColumn(new TableColumn(title).NoWrap().Padding(0, 0));
        }

        gates.ForEach(gate => table.AddRow(Columns.Select(column => new Text(column.Text(gate)))));
        console.Write(table);
    }

    private static async Task<JsonDocument> ReadAsync(Uri node, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            var document = JsonDocument.Parse(await http.GetStringAsync(new Uri(node, "/v1/gates"), cancellationToken));
            return document.RootElement.ValueKind == JsonValueKind.Array ? document : throw new JsonException("the answer is no list of gates");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"no Lepton node answers at {node} ({error.Message}); start one with ./lepton up, or name another with --node");
        }
    }

    private static string Text(JsonElement gate, string name) => gate.TryGetProperty(name, out var value) ? value.GetString() ?? "-" : "-";

    private static string Number(JsonElement gate, string name) =>
        gate.TryGetProperty(name, out var value) && value.TryGetDouble(out var number) ? number.ToString("0.####", CultureInfo.InvariantCulture) : "-";
}
