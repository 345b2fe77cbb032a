using System.Text;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Secrets;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lepton.Sidecar.Resources;

/// <summary>Turns the value of a metadata item into text: a literal, a secret or a variable, with Dapr's templates filled in.</summary>
internal sealed class ValueReader(SecretStores secrets, string appId, IReadOnlyDictionary<string, string> environment, List<Fault> faults)
{
    internal string Read(YamlMap item, string? secretStore)
    {
        if (item.Map("secretKeyRef") is { } secret) return Secret(secret, secretStore);
        if (item.Text("envRef") is { } variable) return Variable(item, variable);
        return Fill(Literal(item.Node("value")));
    }

    private string Secret(YamlMap reference, string? store)
    {
        var name = reference.RequiredText("name", "name the secret");
        var key = reference.Text("key") is { Length: > 0 } given ? given : name;
        if (secrets.Find(store, name, key) is { } value) return value;
        faults.Add(new Fault(reference.File, reference.Line, $"the secret '{name}' (key '{key}') is not in secret store '{store}'", "add it there, or name another store under auth.secretStore"));
        return "";
    }

    private string Variable(YamlMap item, string name)
    {
        if (name == "APP_API_TOKEN" || name.StartsWith("DAPR_", StringComparison.Ordinal) || name.Contains(' '))
        {
            item.Report("envRef", $"names '{name}', which resources may not read", "use a variable that is not Dapr's own");
            return "";
        }
        return environment.TryGetValue(name, out var value) ? value : Environment.GetEnvironmentVariable(name) ?? "";
    }

    private string Fill(string text)
    {
        if (!text.Contains('{')) return text;
        while (text.IndexOf("{uuid}", StringComparison.Ordinal) is >= 0 and var at) text = text[..at] + Guid.NewGuid() + text[(at + 6)..];
        var space = Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } named ? $"{named}.{appId}" : appId;
        return text.Replace("{appID}", appId, StringComparison.Ordinal).Replace("{namespace}", space, StringComparison.Ordinal)
            .Replace("{podName}", Environment.GetEnvironmentVariable("POD_NAME") ?? "", StringComparison.Ordinal);
    }

    /// <summary>A value as text: what is no text is used as its JSON.</summary>
    private static string Literal(YamlNode? node) => node switch
    {
        null => "",
        YamlScalarNode scalar => scalar.Value ?? "",
        _ => Json(new StringBuilder(), node).ToString(),
    };

    private static StringBuilder Json(StringBuilder text, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var first = true;
                text.Append('{');
                foreach (var (key, value) in map.Children)
                {
                    if (!first) text.Append(',');
                    first = false;
                    Quote(text, ((YamlScalarNode)key).Value).Append(':');
                    Json(text, value);
                }
                return text.Append('}');
            case YamlSequenceNode list:
                text.Append('[');
                for (var i = 0; i < list.Children.Count; i++) Json(i > 0 ? text.Append(',') : text, list.Children[i]);
                return text.Append(']');
            case YamlScalarNode { Style: ScalarStyle.Plain } plain when plain.Value is "true" or "false" or "null" || double.TryParse(plain.Value, out _):
                return text.Append(plain.Value);
            default:
                return Quote(text, (node as YamlScalarNode)?.Value);
        }
    }

    private static StringBuilder Quote(StringBuilder text, string? value) => text.Append('"').Append(System.Text.Json.JsonEncodedText.Encode(value ?? "")).Append('"');
}
