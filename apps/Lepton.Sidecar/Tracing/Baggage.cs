namespace Lepton.Sidecar.Tracing;

/// <summary>W3C baggage: `key=value;property,key=value`.</summary>
internal static class Baggage
{
    /// <summary>What is wrong with a header, in the words of daprd's parser; null when nothing is.</summary>
    internal static string? Fault(string header)
    {
        foreach (var member in header.Split(','))
        {
            var pair = member.Split(';', 2)[0];
            var equals = pair.IndexOf('=');
            if (equals < 0) return $"invalid baggage list-member: \"{member}\"";
            var key = pair[..equals].Trim();
            if (key.Length == 0 || !key.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c))) return $"invalid key: \"{key}\"";
            var value = pair[(equals + 1)..].Trim();
            if (!value.All(static c => c is > ' ' and < (char)0x7f and not ('"' or ',' or ';' or '\\'))) return $"invalid value: \"{value}\"";
        }
        return null;
    }
}
