using System.Text;

namespace Lepton.Sidecar.PubSub;

/// <summary>What a broker carries: bytes and the metadata they were published with.</summary>
internal sealed class Message(ReadOnlyMemory<byte> payload, IReadOnlyDictionary<string, string>? metadata)
{
    private EventScan? scan;

    internal ReadOnlyMemory<byte> Payload { get; } = payload;

    internal IReadOnlyDictionary<string, string>? Metadata { get; } = metadata;

    /// <summary>What a delivery needs to know of the payload as an event. Looked for once, and not at all where the publish knows it.</summary>
    internal EventScan Event
    {
        get => scan ??= EventScan.Of(Payload.Span);
        init => scan = value;
    }

    /// <summary>Metadata as one text: name and value in turn, each ended by a line feed (neither holds one).</summary>
    internal string? PackedMetadata()
    {
        if (Metadata is null || Metadata.Count == 0) return null;
        var text = new StringBuilder();
        foreach (var (key, value) in Metadata) text.Append(key.ReplaceLineEndings(" ")).Append('\n').Append(value.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    internal static Dictionary<string, string>? Unpack(string? packed)
    {
        if (packed is null) return null;
        var parts = packed.Split('\n');
        var metadata = new Dictionary<string, string>();
        for (var i = 0; i + 1 < parts.Length; i += 2) metadata[parts[i]] = parts[i + 1];
        return metadata;
    }
}
