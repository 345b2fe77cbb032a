using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Benchmarks;

/// <summary>Prints rows as they come, or all of them as JSON at the end.</summary>
internal sealed class Report(bool json, TextWriter console)
{
    private readonly List<Row> rows = [];

    public void Add(IReadOnlyList<Row> more)
    {
        rows.AddRange(more);
        if (json)
        {
            return;
        }

        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"case",-38}{"way",-30}{"median",18}{"middle half",28}{"ratio",9}{"bytes/op",12}  claim"));
        foreach (var same in more.GroupBy(row => row.Case))
        {
            foreach (var row in same)
            {
                console.WriteLine(Line(row, same.First()));
            }
        }

        console.WriteLine();
    }

    /// <summary>The exit code: 1 when a claim does not hold.</summary>
    public int End()
    {
        if (json)
        {
            console.WriteLine(JsonSerializer.Serialize(new BenchmarkRun(Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, rows), ReportJson.Default.BenchmarkRun));
        }

        return rows.Any(row => row.Holds == false) ? 1 : 0;
    }

    private static string Line(Row row, Row first)
    {
        var claim = (row.Limit, row.MostBytes) switch
        {
            (null, null) => "",
            ({ } limit, null) => $"{(row.IsRate ? "at least" : "at most")} {limit:#,0.##} {row.Unit}",
            (null, { } bytes) => $"at most {bytes:N0} bytes",
            ({ } limit, { } bytes) => $"{(row.IsRate ? "at least" : "at most")} {limit:#,0.##} {row.Unit}, {bytes:N0} bytes",
        };
        var ratio = ReferenceEquals(row, first) ? "1" : $"{row.Median / first.Median:F2}x";
        return string.Create(CultureInfo.InvariantCulture,
            $"{row.Case,-38}{row.Way,-30}{$"{row.Median:N1} {row.Unit}",18}{$"{row.Low:N1} to {row.High:N1}",28}{ratio,9}{row.Bytes?.ToString("N1", CultureInfo.InvariantCulture) ?? "-",12}  {row.Holds switch { true => "holds: ", false => "MISS: ", _ => "" }}{claim}");
    }
}

/// <summary>What `--output json` prints.</summary>
internal sealed record BenchmarkRun(int Cores, string System, string Runtime, IReadOnlyList<Row> Rows);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchmarkRun))]
internal sealed partial class ReportJson : JsonSerializerContext;
