using System.Xml.Linq;

namespace Lepton.Tests.Repository;

public sealed class WallsTests
{
    // Who may reference whom. A new edge is a decision, made here and in README.md, not an accident in a project file.
    private static readonly Dictionary<string, string[]> Walls = new()
    {
        ["Lepton.Contracts"] = [],
        ["Lepton.Decisions"] = ["Lepton.Contracts"],
        ["Lepton.Inference"] = ["Lepton.Contracts"],
        ["Lepton.Sidecar"] = ["Lepton.Contracts"],
        ["Lepton.Workflows"] = ["Lepton.Decisions", "Lepton.Inference"],
        ["Lepton.Node"] = ["Lepton.Workflows"],
        ["Lepton.Trainer"] = ["Lepton.Contracts", "Lepton.Decisions", "Lepton.Inference"],
        ["Lepton.Cli"] = ["Lepton.Contracts", "Lepton.Decisions", "Lepton.Inference", "Lepton.Sidecar"],
        ["Lepton.Benchmarks"] = ["Lepton.Contracts", "Lepton.Decisions", "Lepton.Inference", "Lepton.Sidecar"],
    };

    // Packages that only one room may have: native libraries, and whatever speaks for one side of the Dapr API.
    private static readonly Dictionary<string, string[]> Owned = new()
    {
        ["Microsoft.ML.OnnxRuntime"] = ["Lepton.Inference"],
        ["Microsoft.ML"] = ["Lepton.Trainer"],
        ["Microsoft.ML.FastTree"] = ["Lepton.Trainer"],
        ["Microsoft.ML.OnnxConverter"] = ["Lepton.Trainer"],
        ["OpenCvSharp4"] = ["Lepton.Inference"],
        ["OpenCvSharp4.official.runtime.linux-x64"] = ["Lepton.Inference"],
        ["Microsoft.Data.Sqlite"] = ["Lepton.Sidecar"],
        ["MQTTnet"] = ["Lepton.Sidecar"],
        ["MQTTnet.Server"] = ["Lepton.Sidecar"],
        ["Dapr.Workflow"] = ["Lepton.Workflows", "Lepton.Benchmarks"],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("*.csproj").Where(file => !file.StartsWith("tests", StringComparison.Ordinal) || file.EndsWith("Lepton.Benchmarks.csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_wall_allows(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        Assert.True(Walls.TryGetValue(name, out var allowed), $"{project} has no wall: add it to {nameof(WallsTests)} with its reason");
        var references = Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_package_with_one_owner_stays_in_its_room(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var strays = Includes(project, "PackageReference").Where(package => Owned.TryGetValue(package, out var owners) && !owners.Contains(name));
        Assert.Empty(strays);
    }

    [Fact]
    public void Every_Dapr_package_has_the_one_version_that_includes_Dapr_Workflow()
    {
        var versions = XDocument.Load(Repository.Path("Directory.Packages.props")).Descendants("PackageVersion")
            .Where(package => package.Attribute("Include")!.Value.StartsWith("Dapr.", StringComparison.Ordinal))
            .Select(package => package.Attribute("Version")!.Value).Distinct();
        Assert.Equal(["1.18.7"], versions);
    }

    private static IEnumerable<string> Includes(string project, string item) =>
        XDocument.Load(Repository.Path(project)).Descendants(item).Select(reference => reference.Attribute("Include")!.Value);
}
