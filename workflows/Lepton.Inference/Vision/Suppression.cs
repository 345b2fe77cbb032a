namespace Lepton.Inference.Vision;

/// <summary>Keeps the best of boxes that mean the same object (non-maximum suppression).</summary>
internal static class Suppression
{
    private const int MostCandidates = 400;

    /// <summary>Sorts by falling score and drops each box that a better one overlaps by more than <paramref name="overlap"/> (shared over joint area).</summary>
    /// <param name="found">Changed in place.</param>
    /// <param name="overlap">0..1.</param>
    /// <param name="perLabel">True when boxes of different labels never replace each other.</param>
    public static void Keep(List<Detection> found, float overlap, bool perLabel)
    {
        found.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        if (found.Count > MostCandidates)
        {
            found.RemoveRange(MostCandidates, found.Count - MostCandidates);
        }
        var kept = 0;
        for (var i = 0; i < found.Count; i++)
        {
            var box = found[i];
            var better = false;
            for (var k = 0; k < kept && !better; k++)
            {
                better = (!perLabel || found[k].Label == box.Label) && found[k].Overlap(box) > overlap;
            }
            if (!better)
            {
                found[kept++] = box;
            }
        }
        found.RemoveRange(kept, found.Count - kept);
    }
}
