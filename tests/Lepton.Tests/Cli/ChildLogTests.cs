using Lepton.Cli.Supervision;

namespace Lepton.Tests.Cli;

public sealed class ChildLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-log").FullName;
    private readonly List<string> warnings = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("the store is full", "warn: Some.Category[101]", "      the store is full")]
    [InlineData("the store is full", "19:09:39 fail: Some.Category[101] the store is full")]
    [InlineData("Unhandled exception. System.Exception: no", "Unhandled exception. System.Exception: no", "   at Program")]
    [InlineData(null, "19:09:39 info: Some.Category[101] warn: is no warning here", "info: Other[1]", "      all is well")]
    public void Warnings_are_passed_on_and_the_rest_is_not(string? expected, params string[] lines)
    {
        using var log = new ChildLog(folder, "app", warnings.Add);
        foreach (var line in lines)
        {
            log.Add(line);
        }

        Assert.Equal(expected is null ? [] : [expected], warnings);
        Assert.Equal(lines, File.ReadAllLines(log.File));
    }

    [Fact]
    public void A_flood_of_warnings_shows_the_first()
    {
        using var log = new ChildLog(folder, "app", warnings.Add);
        for (var i = 0; i < 100; i++)
        {
            log.Add($"19:09:39 warn: Some.Category[101] number {i}");
        }

        Assert.Equal(["number 0"], warnings);
        Assert.EndsWith("number 99", log.Tail, StringComparison.Ordinal);
    }
}
