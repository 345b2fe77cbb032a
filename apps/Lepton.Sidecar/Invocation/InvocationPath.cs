using System.Text;

namespace Lepton.Sidecar.Invocation;

/// <summary>The app id and the path of an invocation, read from the request target.</summary>
internal readonly record struct InvocationPath(string AppId, string Path)
{
    private const string Prefix = "/v1.0/invoke/";
    private const string Method = "/method/";

    /// <summary>Reads /v1.0/invoke/{id}/method/{path}; null when there is no id or no method.</summary>
    internal static InvocationPath? Read(string target)
    {
        if (!target.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var at = target.IndexOf(Method, Prefix.Length - 1, StringComparison.Ordinal);
        if (at < Prefix.Length) return null;
        var id = Uri.UnescapeDataString(target[Prefix.Length..at]);
        return id.Length == 0 || id.StartsWith('/') ? null : new InvocationPath(id, target[(at + Method.Length - 1)..]);
    }

    /// <summary>The path as the app sees it: escapes decoded and written anew, dot segments resolved, slashes single. A refusal instead when it holds what no path may.</summary>
    internal static string? Clean(string raw, out string clean)
    {
        var decoded = Uri.UnescapeDataString(raw);
        clean = "";
        var forbidden = decoded.IndexOfAny(['#', '?', '\0']);
        if (forbidden >= 0) return $"method contains forbidden character: \"{Quote(decoded.TrimStart('/'))}\"";
        for (var i = 0; i < decoded.Length; i++)
            if (char.IsControl(decoded[i])) return $"method contains control character at position {i - (decoded.Length - decoded.TrimStart('/').Length)}: \"{Quote(decoded.TrimStart('/'))}\"";
        var segments = new List<string>();
        foreach (var segment in decoded.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                if (segments.Count > 0) segments.RemoveAt(segments.Count - 1);
            }
            else if (segment != ".")
            {
                segments.Add(segment);
            }
        }
        clean = segments.Count == 0 ? "/" : string.Concat(segments.Select(s => "/" + Escape(s)));
        return null;
    }

    /// <summary>A segment as Go writes it in a path.</summary>
    internal static string Escape(string segment)
    {
        StringBuilder? escaped = null;
        Span<byte> bytes = stackalloc byte[4];
        var index = 0;
        foreach (var rune in segment.EnumerateRunes())
        {
            var plain = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "-_.~$&+,/:;=@!'()*[]".Contains((char)rune.Value));
            if (!plain)
            {
                escaped ??= new StringBuilder().Append(segment, 0, index);
                for (var i = 0; i < rune.EncodeToUtf8(bytes); i++) escaped.Append('%').Append(bytes[i].ToString("X2"));
            }
            else
            {
                escaped?.Append((char)rune.Value);
            }
            index += rune.Utf16SequenceLength;
        }
        return escaped?.ToString() ?? segment;
    }

    /// <summary>A text as Go writes it in quotes, without them.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }
        return quoted.ToString();
    }
}
