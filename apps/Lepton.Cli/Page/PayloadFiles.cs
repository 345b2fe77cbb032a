using System.Text.RegularExpressions;

namespace Lepton.Cli.Page;

/// <summary>The sample of recent payloads that the devices keep as files.</summary>
internal sealed partial class PayloadFiles(string folder)
{
    /// <summary>Keys of the events whose payload is at hand.</summary>
    public string[] Keys(string pipeline) =>
        Folder(pipeline) is { } own && Directory.Exists(own) ? [.. Directory.GetFiles(own).Select(file => Path.GetFileNameWithoutExtension(file))] : [];

    public (string Path, string Type)? Find(string pipeline, string key)
    {
        if (Folder(pipeline) is not { } own || !KeyForm().IsMatch(key) || !Directory.Exists(own))
        {
            return null;
        }

        return Directory.GetFiles(own, key + ".*").FirstOrDefault() is { } file ? (file, TypeOf(file)) : null;
    }

    private static string TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".jpg" => "image/jpeg",
        ".png" => "image/png",
        ".gif" => "image/gif",
        _ => "application/json",
    };

    private string? Folder(string pipeline) => PipelineForm().IsMatch(pipeline) ? Path.Combine(folder, pipeline) : null;

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex KeyForm();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$")]
    private static partial Regex PipelineForm();
}
