using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;

namespace Lepton.Inference.Vision;

/// <summary>Makes the answer for a frame from its boxes.</summary>
internal sealed class FrameAnswer
{
    private readonly string[] labels;
    private readonly bool[] wanted;

    public FrameDoubt Doubt { get; }

    private FrameAnswer(string[] labels, bool[] wanted, FrameDoubt doubt) => (this.labels, this.wanted, Doubt) = (labels, wanted, doubt);

    /// <summary>Reads `keep` and `doubt` of the model and `labels` of the pipeline's tier, which picks some of the model's labels.</summary>
    public static FrameAnswer Read(ModelUse use, Model model)
    {
        var chosen = use.Options.Texts("labels");
        foreach (var label in chosen.Except(model.Labels))
        {
            use.Options.Report("labels", $"names '{label}', which model '{model.Id}' does not know", $"use some of {string.Join(", ", model.Labels.Take(12))}{(model.Labels.Count > 12 ? ", ..." : "")}");
        }
        return new FrameAnswer([.. model.Labels], [.. model.Labels.Select(label => chosen.Count == 0 || chosen.Contains(label))], FrameDoubt.Read(model.Options));
    }

    /// <summary>Whether the pipeline asks for this label.</summary>
    public bool Wants(int label) => wanted[label];

    /// <summary>The answer of a tier.</summary>
    /// <param name="tier">Who answers.</param>
    /// <param name="found">Boxes in picture pixels, best first, doubtful ones too.</param>
    /// <param name="uncertainty">0 (sure) to 1.</param>
    public Answer Of(TierModel tier, IReadOnlyList<Detection> found, double uncertainty)
    {
        var boxes = new List<Box>();
        var counts = new int[labels.Length];
        foreach (var box in found)
        {
            if (box.Score >= Doubt.Keep)
            {
                counts[box.Label]++;
                boxes.Add(new Box(labels[box.Label], Math.Round(box.Score, 4), Math.Round(box.X, 1), Math.Round(box.Y, 1), Math.Round(box.Width, 1), Math.Round(box.Height, 1)));
            }
        }
        var most = Array.IndexOf(counts, counts.Max());
        return new Answer
        {
            Tier = tier.Tier,
            Model = tier.Model.Id,
            Label = boxes.Count == 0 ? "empty" : labels[most],
            Boxes = [.. boxes],
            Uncertainty = Math.Clamp(uncertainty, 0, 1),
        };
    }
}
