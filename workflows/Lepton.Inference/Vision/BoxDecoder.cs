namespace Lepton.Inference.Vision;

/// <summary>Turns a detector's output tensor into boxes in pixels of the model's input.</summary>
internal abstract class BoxDecoder
{
    /// <summary>How many numbers the output must hold.</summary>
    public abstract int Values { get; }

    /// <summary>Adds every box that scores <paramref name="floor"/> or more. Numbers that are not finite make no box.</summary>
    public abstract void Decode(ReadOnlySpan<float> output, float floor, List<Detection> found);

    protected static void Add(List<Detection> found, in Detection box)
    {
        if (float.IsFinite(box.X) && float.IsFinite(box.Y) && float.IsFinite(box.Width) && float.IsFinite(box.Height))
        {
            found.Add(box);
        }
    }

    protected static (int Label, float Score) Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }
        return (best, scores[best]);
    }
}
