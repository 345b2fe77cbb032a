namespace Lepton.Trainer.Ecg;

// A patient's usual beat as the node's twin keeps it: the per-sample median of a fair sample of the first events, none before the first eight.
internal sealed class UsualBeat
{
    private const int LeastEvents = 8, MostEvents = 85;
    private readonly SortedList<int, float[]> _kept = [];
    private readonly Random _draw = new(1);

    internal void Add(float[] samples)
    {
        _kept.TryAdd(_draw.Next(), samples);
        if (_kept.Count > MostEvents)
        {
            _kept.RemoveAt(_kept.Count - 1);
        }
    }

    internal float[]? Median()
    {
        if (_kept.Count < LeastEvents)
        {
            return null;
        }
        var median = new float[_kept.Values[0].Length];
        var column = new float[_kept.Count];
        for (var i = 0; i < median.Length; i++)
        {
            for (var j = 0; j < column.Length; j++)
            {
                column[j] = _kept.Values[j][i];
            }
            Array.Sort(column);
            median[i] = (column[(column.Length - 1) / 2] + column[column.Length / 2]) / 2;
        }
        return median;
    }
}
