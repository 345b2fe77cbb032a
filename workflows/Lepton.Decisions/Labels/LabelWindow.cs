using Lepton.Decisions.Drift;

namespace Lepton.Decisions.Labels;

/// <summary>What became of a label.</summary>
public enum Learning
{
    /// <summary>It was learned.</summary>
    Learned,

    /// <summary>It was known: nothing changed.</summary>
    Known,

    /// <summary>It belongs to another epoch, or is older than what the window has let go: nothing changed.</summary>
    Stale,

    /// <summary>It was chosen because of its doubt, or is left to training: it would bias the gate, and nothing changed.</summary>
    NotIndependent,
}

/// <summary>
/// The newest labels in the order of their decisions, whatever order they come in: what it holds is a function of the set that came, so that
/// repeated and reordered feedback changes nothing. Beside each label stands what the losses up to it add up to.
/// </summary>
internal sealed class LabelWindow
{
    private readonly int capacity;
    private readonly double alpha;
    private readonly double step;
    private readonly Label[] labels;
    private readonly LossTrack[] tracks;
    private readonly HashSet<ulong> events;
    private int start;
    private LossTrack basis;
    private Label? evicted;

    public LabelWindow(int capacity, double alpha, double step)
    {
        (this.capacity, this.alpha, this.step) = (capacity, alpha, step);

        // Twice the room: the oldest are let go by moving the start, and the rest is moved down once per round.
        labels = new Label[2 * capacity];
        tracks = new LossTrack[2 * capacity];
        events = new HashSet<ulong>(capacity + 1);
        basis = LossTrack.Start(alpha);
    }

    public int Count { get; private set; }

    public ReadOnlySpan<Label> Labels => labels.AsSpan(start, Count);

    public LossTrack Track => Count == 0 ? basis : tracks[start + Count - 1];

    public LossTrack Basis => basis;

    public Label? Evicted => evicted;

    public Learning Add(in Label label)
    {
        if (evicted is { } gone && !gone.Before(label))
        {
            return Learning.Stale;
        }

        if (!events.Add(label.Event))
        {
            return Learning.Known;
        }

        if (start + Count == labels.Length)
        {
            Labels.CopyTo(labels);
            tracks.AsSpan(start, Count).CopyTo(tracks);
            start = 0;
        }

        var at = PlaceOf(label);
        labels.AsSpan(at, start + Count - at).CopyTo(labels.AsSpan(at + 1));
        labels[at] = label;
        Count++;
        Refold(at);
        if (Count > capacity)
        {
            evicted = labels[start];
            basis = tracks[start];
            events.Remove(labels[start].Event);
            start++;
            Count--;
        }

        return Learning.Learned;
    }

    /// <summary>Empties the window and goes on from the credit left; the evidence of harm starts anew.</summary>
    public void Clear()
    {
        basis = LossTrack.Start(alpha) with { Credit = Track.Credit };
        events.Clear();
        evicted = null;
        start = Count = 0;
    }

    public void Restore(LossTrack basis, Label? evicted, IEnumerable<Label> kept)
    {
        Clear();
        this.basis = basis;
        foreach (var label in kept)
        {
            Add(label);
        }

        this.evicted = evicted;
    }

    // Labels come nearly in order, so the place is looked for from the end, in growing steps and then by halves.
    private int PlaceOf(in Label label)
    {
        int high = start + Count, step = 1;
        while (high - step >= start && label.Before(labels[high - step]))
        {
            high -= step;
            step *= 2;
        }

        var low = Math.Max(start, high - step);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = label.Before(labels[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void Refold(int from)
    {
        var track = from == start ? basis : tracks[from - 1];
        for (var i = from; i < start + Count; i++)
        {
            tracks[i] = track = track.Next(labels[i].Lost, alpha, step);
        }
    }
}
