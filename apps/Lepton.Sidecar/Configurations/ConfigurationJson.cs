using System.Buffers;
using System.Text.Json;

namespace Lepton.Sidecar.Configurations;

/// <summary>Configuration items as JSON; empty members are left out.</summary>
internal static class ConfigurationJson
{
    internal static void Write(Utf8JsonWriter json, string key, ConfigurationItem item)
    {
        json.WriteStartObject(key);
        if (item.Value.Length > 0) json.WriteString("value"u8, item.Value);
        if (item.Version.Length > 0) json.WriteString("version"u8, item.Version);
        json.WriteEndObject();
    }

    internal static byte[] Update(string id, string key, ConfigurationItem item)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteStartObject("items"u8);
            Write(json, key, item);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
