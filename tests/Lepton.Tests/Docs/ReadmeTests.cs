using System.Text.RegularExpressions;
using Lepton.Contracts.Resources;
using Files = Lepton.Tests.Repository.Repository;

namespace Lepton.Tests.Docs;

public sealed partial class ReadmeTests
{
    public static TheoryData<string> Pages => [.. Files.Files("*.md").Concat(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "THIRD-PARTY-NOTICES.md"])];

    public static TheoryData<string> Rooms => [.. Files.Files("*.csproj").Where(file => !file.StartsWith("tests", StringComparison.Ordinal)).Select(file => Path.GetDirectoryName(file)!)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_and_named_file_is_there(string page)
    {
        var folder = Path.GetDirectoryName(page) ?? "";
        var targets = Link().Matches(Files.Read(page)).Select(match => match.Groups[1].Value.Split('#')[0]).Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal));
        Assert.DoesNotContain(targets, target => !Path.Exists(Files.Path(Path.Combine(folder, target))));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Every_room_has_a_page_of_at_most_40_lines(string room)
    {
        var page = Path.Combine(room, "README.md");
        Assert.True(File.Exists(Files.Path(page)), $"{page} is missing");
        Assert.InRange(File.ReadAllLines(Files.Path(page)).Length, 3, 40);
    }

    [Fact]
    public void The_pipeline_of_the_README_has_no_fault()
    {
        var faults = new List<Fault>();
        var pipeline = Assert.Single(Blocks("yaml").Where(block => block.Contains("kind: Pipeline", StringComparison.Ordinal)).SelectMany(block => PipelineReader.Read("README.md", block, faults)));
        Assert.Empty(faults);
        Assert.True(pipeline.Tiers.ContainsKey("edge"));
    }

    [Fact]
    public void The_workflow_of_the_README_is_the_one_that_compiles() =>
        Assert.Contains(Blocks("csharp"), block => Files.Read("tests/Lepton.Tests/Docs/ReadmeWorkflow.cs").Contains(block.Trim(), StringComparison.Ordinal));

    private static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Files.Read("README.md")).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```([a-z]*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
