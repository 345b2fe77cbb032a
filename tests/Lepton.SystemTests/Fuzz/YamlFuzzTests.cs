using Lepton.Contracts.Resources;
using Lepton.Sidecar.Resources;
using Lepton.SystemTests.Golden;

namespace Lepton.SystemTests.Fuzz;

/// <summary>The readers of resource files and of dapr.yaml take spoiled files with faults that name the line; none fails inside.</summary>
public sealed class YamlFuzzTests : IDisposable
{
    private const string Run = """
        version: 1
        common:
          resourcesPath: ./resources
          env: { A: b }
        apps:
        - appID: one
          appDirPath: .
          appPort: 8080
          command: ["run", "it"]
        - appID: two
          appDirPath: .
          daprHTTPPort: 3501
          enableAppHealthCheck: true
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lepton-yaml-").FullName;

    /// <summary>The resources and configurations of all recorded cases, and a dapr.yaml, are what gets spoiled.</summary>
    private readonly List<string> whole = [.. GoldenCase.Names.Select(name => GoldenCase.Read(name).Spec).SelectMany(spec => spec.Map("hosts")?.Select(h => h.Value!.AsObject()) ?? [spec.Map("host") ?? []])
        .SelectMany(host => host.Maps("resources").Append(host.Map("config") ?? [])).Select(document => document.ToJsonString(Indented)).Distinct()];

    [Fact]
    public Task Spoiled_files_are_read_with_faults() => Feeding.FewAsync(Feeding.Few, Read);

    [Fact]
    [Trait("Category", "Long")]
    public Task Many_spoiled_files_are_read_with_faults() => Feeding.ManyAsync(Feeding.Many, Read);

    private Task Read(int number)
    {
        var nonsense = new Nonsense(number);
        var text = nonsense.Spoil(nonsense.Chance(3) ? Run : whole[nonsense.Below(whole.Count)]);
        var file = Path.Combine(folder, $"{number}.yaml");
        // Half of a surrogate pair, which spoiling may leave, becomes what a file would hold of it.
        File.WriteAllBytes(file, System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            var set = ResourceFolder.Read([], text, [file], "one", new Dictionary<string, string>());
            foreach (var fault in set.Faults) Assert.False(string.IsNullOrWhiteSpace(fault.ToString()));
            RunFile.Read(file);
        }
        catch (FaultyResourceException fault)
        {
            Assert.NotEmpty(fault.Faults);
        }
        catch (Exception fault)
        {
            throw new GoldenException($"{fault}\n{text}");
        }
        finally
        {
            File.Delete(file);
        }
        return Task.CompletedTask;
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
