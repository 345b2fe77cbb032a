using System.Globalization;
using Spectre.Console;

namespace Lepton.Cli.Supervision;

/// <summary>The figures of a run as columns, in the order a person asks for them.</summary>
internal static class FigureTable
{
    public static IReadOnlyList<(string Title, Func<PipelineSummary, string> Text)> Columns { get; } =
    [
        ("events", one => Count(one.Events)),
        ("at the edge", one => Count(one.Answered)),
        ("escalated", one => Count(one.Escalated)),
        ("corrected", one => Count(one.Corrected)),
        ("waiting", one => Count(one.Pending)),
        ("dead-lettered", one => Count(one.DeadLettered)),
        ("p50/p99 ms", one => $"{Number(one.LatencyMs.P50)}/{Number(one.LatencyMs.P99)}"),
        ("up", one => $"{Size(one.Uplink.Bytes)} of {Size(one.Uplink.BytesIfAll)}"),
        ("gate", one => one.Gate ?? "-"),
        ("accuracy", one => one.Accuracy.EdgeOnly is null ? "-" : $"{Share(one.Accuracy.EdgeOnly)} to {Share(one.Accuracy.Final)}"),
    ];

    public static Table Of(RunState state)
    {
        var table = new Table().HorizontalBorder().Title($"lepton · {state.Phase} · {state.Seconds:0} s{(state.UplinkCut ? " · [yellow]uplink cut[/]" : "")}");
        table.AddColumn(new TableColumn("pipeline").NoWrap().Padding(0, 0));
        foreach (var (title, _) in Columns)
        {
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap().Padding(0, 0));
        }

        foreach (var (name, pipeline) in state.Pipelines)
        {
            table.AddRow([new Text(name), .. Columns.Select(column => new Text(column.Text(pipeline)))]);
        }

        return table;
    }

    public static string Size(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} B",
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value is { } number ? number.ToString(number < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) : "-";

    private static string Share(double? value) => value is { } share ? share.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
