using System.Text.Json;
using Lepton.Inference.Vision;

namespace Lepton.Cli.Checking;

/// <summary>What is known of an event: a label, or the boxes that are really there.</summary>
internal sealed record Truth(string? Label, IReadOnlyList<TrueBox>? Boxes)
{
    /// <summary>Reads what a source says: a label as it stands, boxes as JSON <c>{"boxes": [...]}</c>.</summary>
    public static Truth? Read(string? text)
    {
        if (text is null || !text.StartsWith('{'))
        {
            return text is null ? null : new Truth(text, null);
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.TryGetProperty("boxes", out var boxes) ? new Truth(null, [.. boxes.EnumerateArray().Select(ReadBox)]) : null;
    }

    private static TrueBox ReadBox(JsonElement box) =>
        new(box.GetProperty("label").GetString() ?? "", Number(box, "x"), Number(box, "y"), Number(box, "width"), Number(box, "height"), box.TryGetProperty("hidden", out var hidden) && hidden.GetBoolean());

    private static double Number(JsonElement box, string name) => box.GetProperty(name).GetDouble();
}
