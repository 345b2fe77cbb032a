using System.Diagnostics;
using System.Text.Json;

namespace Lepton.SystemTests.Benchmarks;

/// <summary>The benchmarks run to their end. What they measure is never asserted: machines are noisy.</summary>
public sealed class BenchmarkTests
{
    [Theory]
    [Trait("Category", "Long")]
    [InlineData("scale")]
    [InlineData("messaging")]
    [InlineData("workflow")]
    [InlineData("node")]
    public async Task A_benchmark_comes_to_its_figures(string name)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "../../Lepton.Benchmarks/release/Lepton.Benchmarks.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, name, "--rounds", "1", "--output", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (figures, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // The exit code is 1 for a missed claim as for a failure; only one that came to its end has figures.
        Assert.True((await figures).Length > 0, await errors);
        using var run = JsonDocument.Parse(await figures);
        Assert.NotEqual(0, run.RootElement.GetProperty("rows").GetArrayLength());
    }
}
