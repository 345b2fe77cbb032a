using Lepton.Contracts.Resources;

namespace Lepton.Inference.Series;

// Work on each row alone, keeping or changing its length.
internal abstract class RowStep : SeriesStep
{
    private IReadOnlyList<Row> _rows = [];
    private int[] _lengths = [];

    internal override IReadOnlyList<Row> Compile(Pipeline pipeline, IReadOnlyList<Row> rows)
    {
        _rows = rows;
        Row[] after = [.. rows.Select(row => row with { Length = LengthOf(row) })];
        _lengths = [.. after.Select(row => row.Length)];
        return after;
    }

    internal override void Apply(EventInput input, ReadOnlySpan<float> source, Span<float> destination)
    {
        for (var i = 0; i < _lengths.Length; i++)
        {
            ApplyRow(input, _rows[i], source[.._rows[i].Length], destination[.._lengths[i]]);
            source = source[_rows[i].Length..];
            destination = destination[_lengths[i]..];
        }
    }

    protected virtual int LengthOf(Row row) => row.Length;

    protected abstract void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination);
}

// subtractBaseline  takes the device's baseline off each signal; a device without one keeps its samples.
internal sealed class SubtractBaseline : RowStep
{
    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        source.CopyTo(destination);
        if (input.Baseline is { } baseline && baseline.TryGetValue(row.Name, out var samples) && samples.Length == source.Length)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] -= samples[i];
            }
        }
    }
}

// window: {from: 10, samples: 100}  keeps a part of each row.
internal sealed class Window(YamlMap arguments) : RowStep
{
    private readonly int _from = arguments.WholeNumber("from", 0, 0, 1_000_000), _samples = arguments.WholeNumber("samples", 1, 1, 1_000_000);

    protected override int LengthOf(Row row)
    {
        if (_from + _samples > row.Length)
        {
            arguments.Report("samples", $"with `from` reaches {_from + _samples}, and '{row.Name}' has {row.Length} samples", "choose a window inside the row");
            return row.Length;
        }
        return _samples;
    }

    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination) =>
        source.Slice(_from, destination.Length).CopyTo(destination);
}

// resample: {samples: 96}  means of equal parts when it shrinks by a whole factor, else linear interpolation.
internal sealed class Resample(YamlMap arguments) : RowStep
{
    private readonly int _samples = arguments.WholeNumber("samples", 1, 1, 1_000_000);

    protected override int LengthOf(Row row) => _samples;

    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        var part = source.Length / destination.Length;
        var exact = part * destination.Length == source.Length;
        for (var i = 0; i < destination.Length; i++)
        {
            if (exact)
            {
                destination[i] = Statistics.Mean(source.Slice(i * part, part));
                continue;
            }
            var at = Math.Clamp((i + 0.5f) * source.Length / destination.Length - 0.5f, 0, source.Length - 1);
            var left = (int)at;
            destination[i] = source[left] + (source[Math.Min(left + 1, source.Length - 1)] - source[left]) * (at - left);
        }
    }
}

// derivative  differences of neighbours; the first one is 0.
internal sealed class Derivative : RowStep
{
    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        destination[0] = 0;
        for (var i = 1; i < source.Length; i++)
        {
            destination[i] = source[i] - source[i - 1];
        }
    }
}
