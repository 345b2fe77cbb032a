using Lepton.Contracts.Resources;

namespace Lepton.Inference.Sources;

/// <summary>Reads the events of recorded or simulated devices, as a pipeline's <c>spec.source.replay</c> names them.</summary>
public abstract class EventReader
{
    private delegate EventReader? Opener(Pipeline pipeline, ReplaySource source, ReadRequest request);

    private static readonly Dictionary<string, Opener> Openers = new()
    {
        ["mitdb"] = EcgReader.OpenRecords,
        ["ecg-simulator"] = EcgReader.OpenSimulator,
        ["csv"] = CsvReader.Open,
        ["video"] = VideoReader.Open,
        ["street-simulator"] = StreetReader.Open,
    };

    /// <summary>What is read, for a line on the screen, such as <c>18 ECG records of /data/mitdb</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Opens the first source of a pipeline that is at hand, or the input that the user asked for. Null when there is none; the reasons are in <paramref name="faults"/>.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="request">Where to look, and from what seed and time.</param>
    /// <param name="faults">Collects every fault of the options; these are added to the YAML's own.</param>
    public static EventReader? Open(Pipeline pipeline, ReadRequest request, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        foreach (var source in pipeline.Source.Replay)
        {
            if (!Openers.TryGetValue(source.Reader, out var open))
            {
                faults.Add(new Fault(pipeline.File, source.Options.LineOf("reader"), $"`reader` is '{source.Reader}'", $"use one of {string.Join(", ", Openers.Keys.Order())}"));
                return null;
            }
            if (Wanted(source, request) is not { } wanted)
            {
                continue;
            }
            var before = source.Options.Faults.Count;
            var reader = open(pipeline, wanted, request);
            if (source.Options.Faults.Count > before)
            {
                faults.AddRange(source.Options.Faults.Skip(before).Except(faults));
                return null;
            }
            if (reader is not null)
            {
                return reader;
            }
        }
        faults.Add(new Fault(pipeline.File, 0,
            request.Input is null ? $"none of the sources of pipeline '{pipeline.Name}' is at hand" : $"pipeline '{pipeline.Name}' can't read '{request.Input}'",
            $"set LEPTON_DATA to the folder of real data, or give a file or folder that one of its readers takes ({string.Join(", ", pipeline.Source.Replay.Select(source => source.Reader))})"));
        return null;
    }

    /// <summary>Reads the events in order of their time.</summary>
    public abstract IAsyncEnumerable<SourceEvent> Read(CancellationToken cancellationToken);

    // A user's path goes to the first reader of paths, the word `simulator` to the first reader without one.
    private static ReplaySource? Wanted(ReplaySource source, ReadRequest request) => request.Input switch
    {
        null => source.Path is null ? source : Locate(source, request) is { } path ? source with { Path = path } : null,
        "simulator" => source.Path is null ? source : null,
        var input => source.Path is null ? null : source with { Path = Path.GetFullPath(input) },
    };

    // Below LEPTON_DATA, else beside the pipeline's own file.
    private static string? Locate(ReplaySource source, ReadRequest request) =>
        new[] { request.Data, Path.GetDirectoryName(Path.GetFullPath(source.Options.File)) }
            .OfType<string>().Select(folder => Path.Combine(folder, source.Path!)).FirstOrDefault(Path.Exists);
}
