using System.Runtime.InteropServices;

namespace Lepton.Cli.Gates;

/// <summary>Keeps the smallest of many values, as many as can matter: memory is bounded by them and not by how many come.</summary>
internal sealed class SmallestDoubts(int most)
{
    private readonly List<double> kept = [];

    /// <summary>How many came in all.</summary>
    public int Seen { get; private set; }

    public void Add(double value)
    {
        Seen++;
        if (most == 0)
        {
            return;
        }

        kept.Add(value);
        if (kept.Count >= (2 * most) + 1024)
        {
            Trim();
        }
    }

    /// <summary>The smallest, ascending.</summary>
    public ReadOnlySpan<double> Ascending()
    {
        Trim();
        return CollectionsMarshal.AsSpan(kept);
    }

    private void Trim()
    {
        kept.Sort();
        if (kept.Count > most)
        {
            kept.RemoveRange(most, kept.Count - most);
        }
    }
}
