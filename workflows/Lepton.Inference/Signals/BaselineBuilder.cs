namespace Lepton.Inference.Signals;

/// <summary>A device's own baseline as its twin keeps it: the per-sample median of the signals of its first events.</summary>
/// <remarks>Not safe for concurrent use; the twin's turns give that.</remarks>
public sealed class BaselineBuilder
{
    /// <summary>Fewer events than this make no baseline: one odd beat among few would look usual.</summary>
    public const int LeastEvents = 8;

    private readonly List<float[]> _events = [];

    /// <summary>Events taken up so far.</summary>
    public int Count => _events.Count;

    /// <summary>Takes up one event's signal.</summary>
    /// <param name="samples">Its samples; every event's must be of one length.</param>
    public void Add(float[] samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (_events.Count > 0 && _events[0].Length != samples.Length)
        {
            throw new ArgumentException($"The signal has {samples.Length} samples, and those before it {_events[0].Length}. Give every event's signal at one length.", nameof(samples));
        }
        _events.Add(samples);
    }

    /// <summary>The median of each sample over the events so far; null below <see cref="LeastEvents"/>.</summary>
    public float[]? Build()
    {
        if (_events.Count < LeastEvents)
        {
            return null;
        }
        var median = new float[_events[0].Length];
        var column = new float[_events.Count];
        for (var i = 0; i < median.Length; i++)
        {
            for (var j = 0; j < column.Length; j++)
            {
                column[j] = _events[j][i];
            }
            Array.Sort(column);
            median[i] = (column[(column.Length - 1) / 2] + column[column.Length / 2]) / 2;
        }
        return median;
    }
}
