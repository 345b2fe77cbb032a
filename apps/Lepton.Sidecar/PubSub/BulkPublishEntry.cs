using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.PubSub;

/// <summary>One event of a bulk publish as its request gives it; a <paramref name="Fault"/> says why it cannot be published.</summary>
internal readonly record struct BulkPublishEntry(string Id, PublishedEvent Event, string? Fault)
{
    internal static BulkPublishEntry Read(GoStruct entry, IReadOnlyDictionary<string, string>? request, bool raw)
    {
        var type = entry.Text("contentType");
        var fault = Bytes(entry.Any("event"), type, raw, out var bytes);
        // Metadata of the request reaches only entries that have some of their own, as in daprd.
        var metadata = entry.Texts("metadata");
        if (metadata is not null && request is not null)
            foreach (var (key, value) in request) metadata.TryAdd(key, value);
        return new(entry.Text("entryId"), new PublishedEvent(bytes, type, metadata), fault);
    }

    private static string? Bytes(JsonElement? data, string type, bool raw, out byte[] bytes)
    {
        bytes = [];
        if (Envelope.IsJson(type) || Envelope.IsCloudEvent(type))
        {
            // What becomes an envelope is written anew there.
            bytes = data is not { } value ? "null"u8.ToArray() : raw ? GoJson.Rewrite(value, keepNumbers: true) : Encoding.UTF8.GetBytes(value.GetRawText());
            return null;
        }
        var binary = Envelope.MediaType(type).Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase);
        if (data is not { ValueKind: JsonValueKind.String } text || !(binary || Envelope.IsText(type))) return "error: mismatch between contentType and event";
        if (!binary) bytes = Encoding.UTF8.GetBytes(GoText.Of(text));
        else if (!text.TryGetBytesFromBase64(out bytes!)) return $"error: unable to decode base64 application/octect-stream data: illegal base64 data at input byte {FirstWrong(GoText.Of(text))}";
        return null;
    }

    /// <summary>The place of what is no base64, or of the last group of four where that is not whole.</summary>
    private static int FirstWrong(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '/') && !(text[i] == '=' && i >= text.Length - 2)) return i;
        return text.Length / 4 * 4;
    }
}
