using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;

namespace Lepton.Sidecar.Resources;

/// <summary>A dapr.yaml as `dapr run -f` reads it.</summary>
public sealed class RunFile
{
    /// <summary>The apps in file order, with ports assigned where the file gives none.</summary>
    public IReadOnlyList<RunApp> Apps { get; private init; } = [];

    /// <summary>Reads the file.</summary>
    /// <exception cref="FaultyResourceException">Something in it is wrong; the message lists every fault with file, line and cure.</exception>
    public static RunFile Read(string file)
    {
        var faults = new List<Fault>();
        var apps = new List<RunApp>();
        if (!File.Exists(file)) throw new FaultyResourceException([new Fault(file, 0, "does not exist", "name a dapr.yaml with -f")]);
        var root = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (YamlMap.Parse(file, File.ReadAllText(file), faults) is [var document, ..])
        {
            if (document.WholeNumber("version", 0) != 1) document.Report("version", "is not 1", "write version: 1");
            var common = document.Map("common");
            foreach (var app in document.Maps("apps")) apps.Add(new AppReader(app, common, root).Read());
            if (apps.Count == 0) document.Report("apps", "is empty", "list at least one app with appDirPath");
            foreach (var twice in apps.GroupBy(a => a.Sidecar.AppId).Where(g => g.Count() > 1)) document.Report("apps", $"holds appID '{twice.Key}' twice", "give each app an id of its own");
            if (common is not null) AppReader.CloseCommon(common);
            document.Text("name");
            document.Close();
        }
        return faults.Count > 0 ? throw new FaultyResourceException(faults) : new RunFile { Apps = apps };
    }

    /// <summary>Every fault in the resource files of all apps; a runtime leaves faulty resources out, as daprd does.</summary>
    public IReadOnlyList<Fault> ResourceFaults() =>
        [.. Apps.Select(a => a.Sidecar).SelectMany(s => ResourceFolder.Read(s.ResourcesPaths, s.Resources, s.ConfigFiles, s.AppId, s.Environment).Faults).Distinct()];
}

/// <summary>One app of a run: what its sidecar needs, and how its own process is started.</summary>
public sealed record RunApp
{
    /// <summary>What the sidecar needs.</summary>
    public required SidecarOptions Sidecar { get; init; }

    /// <summary>The command and its arguments; empty when only the sidecar runs.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The folder the command runs in.</summary>
    public required string Directory { get; init; }

    /// <summary>The variables `dapr run` would set for the command: those of the file, then APP_ID, APP_PORT and the sidecar's ports.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
