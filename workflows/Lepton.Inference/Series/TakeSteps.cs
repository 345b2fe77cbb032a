using Lepton.Contracts.Resources;

namespace Lepton.Inference.Series;

// take: {signals: [a, b]}  appends the event's signals, a row each.
internal sealed class TakeSignals(YamlMap arguments) : SeriesStep
{
    private readonly IReadOnlyList<string> _names = arguments.Texts("signals");
    private int[] _indices = [];

    internal override IReadOnlyList<Row> Compile(Pipeline pipeline, IReadOnlyList<Row> rows)
    {
        _indices = Names.Find(arguments, "signals", _names, [.. pipeline.Source.Signals.Keys]);
        return [.. rows, .. Names.SignalRows(pipeline, _indices)];
    }

    internal override void Apply(EventInput input, ReadOnlySpan<float> source, Span<float> destination)
    {
        source.CopyTo(destination);
        destination = destination[source.Length..];
        foreach (var index in _indices)
        {
            var signal = input.Series!.Signals[index];
            signal.CopyTo(destination);
            destination = destination[signal.Length..];
        }
    }
}

// baseline: {signals: [a, b]}  appends the device's baseline of signals, zeros while its twin has none.
internal sealed class TakeBaseline(YamlMap arguments) : SeriesStep
{
    private readonly IReadOnlyList<string> _names = arguments.Texts("signals");
    private Row[] _added = [];

    internal override IReadOnlyList<Row> Compile(Pipeline pipeline, IReadOnlyList<Row> rows)
    {
        _added = Names.SignalRows(pipeline, Names.Find(arguments, "signals", _names, [.. pipeline.Source.Signals.Keys]));
        return [.. rows, .. _added];
    }

    internal override void Apply(EventInput input, ReadOnlySpan<float> source, Span<float> destination)
    {
        source.CopyTo(destination);
        destination = destination[source.Length..];
        foreach (var row in _added)
        {
            if (input.Baseline is { } baseline && baseline.TryGetValue(row.Name, out var samples))
            {
                samples.CopyTo(destination);
            }
            else
            {
                destination[..row.Length].Clear();
            }
            destination = destination[row.Length..];
        }
    }
}

// values: {names: [a, b]}  appends one row with these values.
internal sealed class TakeValues(YamlMap arguments) : SeriesStep
{
    private readonly IReadOnlyList<string> _names = arguments.Texts("names");
    private int[] _indices = [];

    internal override IReadOnlyList<Row> Compile(Pipeline pipeline, IReadOnlyList<Row> rows)
    {
        _indices = Names.Find(arguments, "names", _names, pipeline.Source.Values);
        return [.. rows, new Row("values", _indices.Length)];
    }

    internal override void Apply(EventInput input, ReadOnlySpan<float> source, Span<float> destination)
    {
        source.CopyTo(destination);
        for (var i = 0; i < _indices.Length; i++)
        {
            destination[source.Length + i] = (float)input.Series!.Values[_indices[i]];
        }
    }
}

file static class Names
{
    // No names mean all, in the order of the source.
    internal static int[] Find(YamlMap arguments, string key, IReadOnlyList<string> names, IReadOnlyList<string> known)
    {
        foreach (var name in names.Where(name => !known.Contains(name)))
        {
            arguments.Report(key, $"names '{name}', which the source does not have", $"use one of {string.Join(", ", known)}");
        }
        return names.Count == 0 ? [.. Enumerable.Range(0, known.Count)] : [.. names.Select(name => known.ToList().IndexOf(name)).Where(index => index >= 0)];
    }

    internal static Row[] SignalRows(Pipeline pipeline, int[] indices)
    {
        var signals = pipeline.Source.Signals.ToArray();
        return [.. indices.Select(index => new Row(signals[index].Key, signals[index].Value))];
    }
}
