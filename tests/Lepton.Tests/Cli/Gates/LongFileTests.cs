using System.Diagnostics;
using System.Globalization;
using Lepton.Cli.Gates;

namespace Lepton.Tests.Cli.Gates;

/// <summary>Ten million events go through in bounded memory.</summary>
[Trait("Category", "Long")]
public sealed class LongFileTests : IDisposable
{
    private const int Events = 10_000_000;
    private const long MostBytes = 300 << 20;
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public async Task A_file_of_ten_million_events_is_fitted_in_bounded_memory()
    {
        await WriteAsync();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(GateCommand).Assembly.Location, "gate", "fit", "--input", path, "--alpha", "0.02", "--most-escalations", "0.2"]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var most = 0L;
        while (!output.IsCompleted)
        {
            most = Math.Max(most, PeakOf(process));
            await Task.WhenAny(output, Task.Delay(100, TestContext.Current.CancellationToken));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"at most {most >> 20} MB");
        Assert.Contains($"{Events} events", await output, StringComparison.Ordinal);
        Assert.InRange(most, 1 << 20, MostBytes);
    }

    private static long PeakOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
            return 0;
        }
    }

    private async Task WriteAsync()
    {
        var random = new Random(1);
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("p0,p1,reference");
        for (var i = 0; i < Events; i++)
        {
            var p = 5000 + random.Next(5000);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"0.{p:D4},0.{10_000 - p:D4},{(random.Next(10_000) < p ? 0 : 1)}\n"));
        }
    }
}
