using Lepton.Contracts.Resources;
using Lepton.Sidecar.Resources;

namespace Lepton.Tests.Sidecar.Resources;

public sealed class RunFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-run-");

    private string Write(string text)
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "one", "res"));
        Directory.CreateDirectory(Path.Combine(folder.FullName, "shared"));
        var file = Path.Combine(folder.FullName, "dapr.yaml");
        File.WriteAllText(file, text);
        return file;
    }

    [Fact]
    public void Common_values_hold_where_an_app_has_none()
    {
        var run = RunFile.Read(Write("""
            version: 1
            common:
              resourcesPaths: [./shared]
              appProtocol: http
              env: { A: common, B: common }
            apps:
              - appID: first
                appDirPath: ./one
                appPort: 8000
                daprHTTPPort: 3500
                resourcesPaths: [./res]
                command: ["run", "me"]
                env: { B: own }
              - appDirPath: ./one
            """));
        var first = run.Apps[0];
        Assert.Equal(("first", 8000, 3500), (first.Sidecar.AppId, first.Sidecar.AppPort, first.Sidecar.HttpPort));
        Assert.Equal(Path.Combine(folder.FullName, "one", "res"), first.Sidecar.ResourcesPaths.Single());
        Assert.Equal(("common", "own", "8000", "3500"), (first.Environment["A"], first.Environment["B"], first.Environment["APP_PORT"], first.Environment["DAPR_HTTP_PORT"]));
        Assert.Equal(["run", "me"], first.Command);
        Assert.Equal("one", run.Apps[1].Sidecar.AppId);
        Assert.Equal(Path.Combine(folder.FullName, "shared"), run.Apps[1].Sidecar.ResourcesPaths.Single());
        Assert.True(run.Apps[1].Sidecar.HttpPort > 0);
    }

    [Fact]
    public void Every_fault_is_reported_with_its_line()
    {
        var fault = Assert.Throws<FaultyResourceException>(() => RunFile.Read(Write("""
            version: 2
            apps:
              - appID: a
                appDirPath: ./nowhere
                appPort: many
                daprHttpPort: 3500
            """)));
        Assert.Equal(4, fault.Faults.Count);
        Assert.Contains(fault.Faults, f => f.Line == 1 && f.Problem.Contains("version"));
        Assert.Contains(fault.Faults, f => f.Line == 6 && f.Cure.Contains("daprHTTPPort"));
    }

    [Fact]
    public void Faulty_resources_are_left_out_and_named()
    {
        Write("version: 1");
        File.WriteAllText(Path.Combine(folder.FullName, "shared", "a.yaml"), """
            kind: Component
            apiVersion: dapr.io/v1alpha1
            metadata: { name: good }
            spec: { type: state.redis, metadata: [ { name: redisDB, value: 3 } ] }
            ---
            kind: Component
            apiVersion: dapr.io/v1alpha1
            metadata: {}
            spec: { type: state.redis }
            ---
            kind: Subscription
            apiVersion: dapr.io/v2alpha1
            metadata: { name: s }
            spec: { topic: t }
            """);
        var set = ResourceFolder.Read([Path.Combine(folder.FullName, "shared")], null, [], "a", new Dictionary<string, string>());
        Assert.Equal("3", set.Components.Single().Value["redisdb"]);
        Assert.Empty(set.Subscriptions);
        Assert.Equal(3, set.Faults.Count);
        Assert.All(set.Faults, f => Assert.True(f.Line > 0 && f.Cure.Length > 0));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
