using Lepton.Contracts.Resources;

namespace Lepton.Cli.Pipelines;

/// <summary>The pipelines that the nodes serve: <c>pipelines/*.yaml</c> in the resources folder.</summary>
internal sealed class PipelineCatalog(string resources, IReadOnlyList<Pipeline> pipelines)
{
    public string Resources { get; } = resources;

    public IReadOnlyList<Pipeline> All { get; } = pipelines;

    /// <summary>Reads the catalog; every fault of every file is in the message when there are any.</summary>
    public static PipelineCatalog Load()
    {
        var folder = FindResources();
        var files = Path.Combine(folder, "pipelines");
        if (!Directory.Exists(files))
        {
            throw new CommandException($"there is no folder '{files}'; point LEPTON_RESOURCES to the folder that holds `pipelines/` and `models/`");
        }

        var faults = new List<Fault>();
        var pipelines = new List<Pipeline>();
        foreach (var file in Directory.GetFiles(files, "*.yaml").Order(StringComparer.Ordinal))
        {
            pipelines.AddRange(PipelineReader.Read(file, File.ReadAllText(file), faults));
        }

        return faults.Count > 0 ? throw new CommandException(string.Join(Environment.NewLine, faults)) : new PipelineCatalog(folder, pipelines);
    }

    public Pipeline Find(string name) => All.FirstOrDefault(pipeline => pipeline.Name == name)
        ?? throw CommandException.Misused($"there is no pipeline '{name}'; known: {string.Join(", ", All.Select(pipeline => pipeline.Name))}");

    public static string FindResources()
    {
        if (Environment.GetEnvironmentVariable("LEPTON_RESOURCES") is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            foreach (var candidate in (ReadOnlySpan<string>)[folder, Path.Combine(folder, "workflows")])
            {
                if (Directory.Exists(Path.Combine(candidate, "pipelines")))
                {
                    return candidate;
                }
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "workflows");
    }
}
