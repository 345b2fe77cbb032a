using Lepton.Contracts.Resources;
using Lepton.Sidecar.Secrets;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads the resource files of one app as daprd does: every .yaml and .yml directly in each folder, several documents a file, what is meant for another app left out.</summary>
internal static class ResourceFolder
{
    internal static ResourceSet Read(IReadOnlyList<string> folders, string? text, IReadOnlyList<string> configFiles, string appId, IReadOnlyDictionary<string, string> environment)
    {
        var secrets = new SecretStores(environment);
        var set = new ResourceSet(secrets);
        var documents = new List<YamlMap>();
        foreach (var folder in folders)
        {
            if (!Directory.Exists(folder)) set.Faults.Add(new Fault(folder, 0, "the resources folder does not exist", "create it, or correct resourcesPaths (--resources-path)"));
            else foreach (var file in Directory.EnumerateFiles(folder).Where(IsYaml).Order(StringComparer.Ordinal)) documents.AddRange(Parse(file, set.Faults));
        }
        if (text is not null) documents.AddRange(YamlMap.Parse("Resources", text, set.Faults));
        var mine = documents.Where(d => IsFor(d, appId)).ToList();
        var fill = new ValueReader(secrets, appId, environment, set.Faults);
        // Components that other resources take their secrets from come first.
        foreach (var document in mine.Where(d => Kind(d) == "Component").OrderBy(d => d.Map("spec")?.Text("type")?.StartsWith("secretstores.", StringComparison.Ordinal) != true)) ComponentReader.Read(document, fill, secrets, set);
        foreach (var document in mine)
        {
            switch (Kind(document))
            {
                case "Subscription": SubscriptionReader.Read(document, set); break;
                case "Resiliency": ResiliencyReader.Read(document, set); break;
                case "HTTPEndpoint": EndpointReader.Read(document, fill, set); break;
            }
        }
        foreach (var document in configFiles.SelectMany(f => Parse(f, set.Faults)).Where(d => Kind(d) == "Configuration")) set.Configuration = ConfigurationReader.Read(document);
        return set;
    }

    private static string? Kind(YamlMap document) => document.Text("kind");

    private static bool IsYaml(string file) => Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml";

    private static bool IsFor(YamlMap document, string appId) => document.Texts("scopes") is var scopes && (scopes.Count == 0 || scopes.Contains(appId));

    private static IReadOnlyList<YamlMap> Parse(string file, List<Fault> faults)
    {
        try
        {
            return YamlMap.Parse(file, File.ReadAllText(file), faults);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(file, 0, $"cannot be read ({fault.Message})", "check that it exists and may be read"));
            return [];
        }
    }
}
