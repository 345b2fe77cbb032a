using System.Text.Json;

namespace Lepton.Sidecar.Cel;

/// <summary>CEL's macros over the items of a list, or the names of a map.</summary>
internal static class Macros
{
    internal static bool Known(string name) => name is "all" or "exists" or "exists_one" or "filter" or "map";

    internal static object Run(string name, object? container, Func<object?, object?> body)
    {
        var items = container is JsonElement { ValueKind: JsonValueKind.Object } map ? [.. map.EnumerateObject().Select(static member => (object?)member.Name)]
            : Operations.Items(container) ?? throw new CelException($"{name} needs a list or a map");
        return name switch
        {
            "all" => !Any(items, body, decides: false),
            "exists" => Any(items, body, decides: true),
            "exists_one" => items.Count(item => Operations.Bool(body(item))) == 1,
            "filter" => (object?[])[.. items.Where(item => Operations.Bool(body(item)))],
            _ => (object?[])[.. items.Select(body)],
        };
    }

    /// <summary>Whether the body gives <paramref name="decides"/> for an item; then it is nothing that it fails for another.</summary>
    private static bool Any(IReadOnlyList<object?> items, Func<object?, object?> body, bool decides)
    {
        CelException? failed = null;
        foreach (var item in items)
        {
            try
            {
                if (Operations.Bool(body(item)) == decides) return true;
            }
            catch (CelException fault)
            {
                failed = fault;
            }
        }
        return failed is null ? false : throw failed;
    }
}
