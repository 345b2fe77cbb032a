using Lepton.Sidecar.Hosting;
using PublicApiGenerator;

namespace Lepton.Tests.Sidecar.Hosting;

public sealed class PublicApiTests
{
    /// <summary>What the package promises stands in one file; a change to it is made on purpose, in the same commit.</summary>
    [Fact]
    public void The_package_offers_what_the_approved_file_says()
    {
        var api = typeof(EmbeddedDapr).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        var file = Repository.Repository.Path("apps/Lepton.Sidecar/PublicApi.txt");
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        if (api == approved) return;
        File.WriteAllText(file + ".new", api);
        Assert.Fail($"the public API of Lepton.Sidecar is not what apps/Lepton.Sidecar/PublicApi.txt approves. If you mean the change, move PublicApi.txt.new (just written beside it) over it.\n{api}");
    }
}
