using System.CommandLine;
using System.Text.Json;
using Lepton.Cli;
using Lepton.Cli.Planning;
using Lepton.Contracts.Resources;
using Lepton.Tests.Contracts;

namespace Lepton.Tests.Cli;

public sealed class PlanCommandTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public async Task The_json_holds_the_plan_and_its_simulation()
    {
        var (exit, output, _) = await RunAsync(PlanReaderTests.Good, "--output", "json", "--simulate");
        Assert.Equal(0, exit);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1.8081, json.GetProperty("queueing").GetProperty("cost").GetDouble(), 1e-4);
        Assert.True(json.GetProperty("simulation").GetProperty("escalatedMet").GetBoolean());
    }

    [Fact]
    public async Task The_report_says_sizes_limits_and_what_a_point_of_escalation_is_worth()
    {
        var (exit, output, _) = await RunAsync(PlanReaderTests.Good);
        Assert.Equal(0, exit);
        Assert.Contains("8.0811 Mbit/s", output, StringComparison.Ordinal);
        Assert.Contains("limit: the escalated objective", output, StringComparison.Ordinal);
        Assert.Matches("one point less escalation saves 0\\.0[1-9]", output);
    }

    [Fact]
    public async Task The_share_model_answers_too()
    {
        var (exit, output, _) = await RunAsync(PlanReaderTests.Good, "--model", "share");
        Assert.Equal(0, exit);
        Assert.Contains("the larger share of the edge is 0.2", output, StringComparison.Ordinal);
        Assert.Contains("limit: computing power in the cloud", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_without_answer_fails_with_its_code()
    {
        var text = PlanReaderTests.Good.Replace("escalated: 400ms", "escalated: 220ms", StringComparison.Ordinal);
        var (exit, _, error) = await RunAsync(text);
        Assert.Equal(1, exit);
        Assert.Contains("SLO_ESCALATED_UNREACHABLE: floor 225.15 ms", error, StringComparison.Ordinal);
        (exit, var output, _) = await RunAsync(text, "--output", "json");
        Assert.Equal(1, exit);
        Assert.Equal("SLO_ESCALATED_UNREACHABLE", JsonDocument.Parse(output).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Wrong_use_is_told_apart_from_a_faulty_file()
    {
        var misuse = await Assert.ThrowsAsync<CommandException>(() => RunAsync(PlanReaderTests.Good, "--model", "share", "--simulate"));
        Assert.Equal(CommandException.WrongUse, misuse.ExitCode);
        await Assert.ThrowsAsync<FaultyResourceException>(() => RunAsync("kind: Plan"));
        var absent = await Assert.ThrowsAsync<CommandException>(() => RunAsync(PlanReaderTests.Good[..PlanReaderTests.Good.IndexOf("  share:", StringComparison.Ordinal)], "--model", "share"));
        Assert.Contains("has no `spec.share`", absent.Message, StringComparison.Ordinal);
        File.Delete(file);
        var missing = await Assert.ThrowsAsync<CommandException>(() => PlanCommand.Create().Parse([file]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));
        Assert.Contains($"there is no file '{file}'", missing.Message, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string plan, params string[] options)
    {
        await File.WriteAllTextAsync(file, plan, TestContext.Current.CancellationToken);
        using StringWriter output = new(), error = new();
        var exit = await PlanCommand.Create().Parse([file, .. options]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
