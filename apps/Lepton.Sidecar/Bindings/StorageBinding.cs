using System.Buffers;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Bindings;

/// <summary>bindings.localstorage: files below one folder. A name that climbs out of it, by dots or by a link, is taken as if the folder were the root.</summary>
internal sealed class StorageBinding : OutputBinding
{
    private readonly string root;

    internal StorageBinding(Component component)
    {
        var path = component["rootPath"] ?? throw new RuntimeException($"component '{component.Name}' (bindings.localstorage) has no rootPath. Name the folder its files go to.");
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException($"component '{component.Name}' (bindings.localstorage) cannot use rootPath '{path}': {fault.Message}", fault);
        }
    }

    internal override IReadOnlyList<string> Operations { get; } = ["create", "get", "list", "delete"];

    internal override Task<BindingReply> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        var name = metadata.GetValueOrDefault("fileName") ?? "";
        return operation switch
        {
            "create" => CreateAsync(name.Length > 0 ? name : Guid.NewGuid().ToString(), data, stop),
            "get" => GetAsync(name, stop),
            "list" => Task.FromResult(List(name)),
            _ => Task.FromResult(Delete(name)),
        };
    }

    private async Task<BindingReply> CreateAsync(string name, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        var (file, relative) = Locate(name);
        var folder = Path.GetDirectoryName(file)!;
        if (FileAbove(file) is { } above) return BindingReply.Failed($"error creating directory {folder}: mkdir {above}: not a directory");
        if (Directory.Exists(file)) return BindingReply.Failed($"error creating file {file}: open {file}: is a directory");
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(file, Decoded(Unquoted(data)), stop).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return BindingReply.Failed($"error creating file {file}: {fault.Message}");
        }
        return new(Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("fileName"u8, relative);
            json.WriteEndObject();
        }));
    }

    private async Task<BindingReply> GetAsync(string name, CancellationToken stop)
    {
        var (file, _) = Locate(name);
        if (Directory.Exists(file)) return BindingReply.Failed($"error reading file {file}: read {file}: is a directory");
        if (FileAbove(file) is not null) return BindingReply.Failed($"error opening path {file}: open {file}: not a directory");
        try
        {
            return new(await File.ReadAllBytesAsync(file, stop).ConfigureAwait(false));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return BindingReply.Failed($"file not found: {file}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return BindingReply.Failed($"error reading file {file}: {fault.Message}");
        }
    }

    private BindingReply List(string name)
    {
        var (folder, _) = Locate(name);
        if (File.Exists(folder)) return BindingReply.Failed($"unable to list files as the file specified is not a directory: {folder}");
        if (FileAbove(folder) is not null) return BindingReply.Failed($"error getting stats for path {folder}: stat {folder}: not a directory");
        if (!Directory.Exists(folder)) return BindingReply.Failed($"error getting stats for path {folder}: stat {folder}: no such file or directory");
        var files = Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).OrderBy(static file => file.Replace('/', '\0'), StringComparer.Ordinal).ToList();
        return new(files.Count == 0 ? "null"u8.ToArray() : Json(json =>
        {
            json.WriteStartArray();
            foreach (var file in files) json.WriteStringValue(file);
            json.WriteEndArray();
        }));
    }

    private BindingReply Delete(string name)
    {
        var (file, _) = Locate(name);
        var folder = Directory.Exists(file);
        if (FileAbove(file) is not null) return BindingReply.Failed($"error deleting file {file}: remove {file}: not a directory");
        if (!folder && !File.Exists(file)) return BindingReply.Failed($"error deleting file {file}: remove {file}: no such file or directory");
        if (folder && Directory.EnumerateFileSystemEntries(file).Any()) return BindingReply.Failed($"error deleting file {file}: remove {file}: directory not empty");
        try
        {
            if (folder) Directory.Delete(file);
            else File.Delete(file);
            return new(null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return BindingReply.Failed($"error deleting file {file}: {fault.Message}");
        }
    }

    /// <summary>The file that stands where a folder of the path should be.</summary>
    private string? FileAbove(string path)
    {
        for (var above = Path.GetDirectoryName(path); above is not null && above.Length > root.Length; above = Path.GetDirectoryName(above))
            if (File.Exists(above)) return above;
        return null;
    }

    private (string File, string Relative) Locate(string name)
    {
        var file = root;
        foreach (var part in name.Split('/', '\\'))
        {
            if (part is "" or ".") continue;
            if (part is "..")
            {
                if (file != root) file = Path.GetDirectoryName(file)!;
                continue;
            }
            file = Path.Combine(file, part);
            // A link may lead to another place below the root, but not out of it.
            if (new FileInfo(file) is { LinkTarget: not null } link) file = Inside(link.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }
        return (file, file == root ? "" : Path.GetRelativePath(root, file));
    }

    private string Inside(string target) =>
        target == root || target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? target : Path.Combine(root, target.TrimStart(Path.DirectorySeparatorChar));

    /// <summary>A JSON string, which is what text over HTTP comes as, is stored as its text.</summary>
    private static ReadOnlyMemory<byte> Unquoted(ReadOnlyMemory<byte> data)
    {
        if (data.Length < 2 || data.Span[0] != '"' || data.Span[^1] != '"') return data;
        try
        {
            var reader = new Utf8JsonReader(data.Span);
            return reader.Read() && reader.BytesConsumed == data.Length ? Encoding.UTF8.GetBytes(reader.GetString()!) : data;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return data;
        }
    }

    /// <summary>What is good base64 is stored as the bytes it stands for, as daprd does: bytes over HTTP come so.</summary>
    private static ReadOnlyMemory<byte> Decoded(ReadOnlyMemory<byte> data)
    {
        var text = Encoding.UTF8.GetString(data.Span);
        if (text.AsSpan().IndexOfAny(' ', '\t') >= 0) return data;
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes.AsMemory(0, length) : data;
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.WrittenMemory;
    }
}
