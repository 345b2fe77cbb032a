using System.Runtime.CompilerServices;
using Lepton.Contracts.Resources;
using Lepton.Inference.Signals;

namespace Lepton.Inference.Sources;

// An event per detected beat of each recording; recordings run side by side, each a device.
internal sealed class EcgReader : EventReader
{
    private readonly Func<int, IEnumerable<Func<Recording>>> _recordings;
    private readonly ReadRequest _request;

    private EcgReader(string description, ReadRequest request, Func<int, IEnumerable<Func<Recording>>> recordings) =>
        (Description, _request, _recordings) = (description, request, recordings);

    public override string Description { get; }

    internal static EventReader? OpenRecords(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        var only = source.Options.Texts("records");
        source.Options.Close();
        try
        {
            var headers = RecordingReader.Find(source.Path!).Where(header => only.Count == 0 || only.Contains(Path.GetFileNameWithoutExtension(header))).ToArray();
            return new EcgReader($"{headers.Length} ECG record{(headers.Length == 1 ? "" : "s")} of {source.Path}", request,
                _ => headers.Select(header => (Func<Recording>)(() => RecordingReader.Read(header))));
        }
        catch (InvalidDataException error)
        {
            source.Options.Report("path", $"can't be read: {error.Message}", "give a folder of records, or one record");
            return null;
        }
    }

    internal static EventReader? OpenSimulator(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        var patients = source.Options.WholeNumber("patients", 16, 1, 1000);
        var length = source.Options.Duration("length", TimeSpan.FromMinutes(30));
        source.Options.Close();
        return new EcgReader($"{patients} simulated ECG patients, seed {request.Seed}", request,
            round => Enumerable.Range(1, patients).Select(patient => (Func<Recording>)(() => EcgSimulator.Record(unchecked(request.Seed + 1000 * round), patient, length))));
    }

    public override async IAsyncEnumerable<SourceEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (start, end) = (_request.Start, _request.Start);
        for (var round = 0; round == 0 || _request.Repeat; round++)
        {
            var devices = new PriorityQueue<IEnumerator<SourceEvent>, DateTimeOffset>();
            // Finding the beats of half an hour takes a tenth of a second: not on the caller's thread, and on every core at once, since the first event waits for all of them.
            var (lap, since) = (round, start);
            var opened = await Task.WhenAll(_recordings(round).Select(recording => Task.Run(() => Beats(recording(), lap, since).GetEnumerator(), cancellationToken))).ConfigureAwait(false);
            foreach (var events in opened)
            {
                if (events.MoveNext())
                {
                    devices.Enqueue(events, events.Current.Time);
                }
            }
            while (devices.TryDequeue(out var events, out _))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return events.Current;
                end = events.Current.Time;
                if (events.MoveNext())
                {
                    devices.Enqueue(events, events.Current.Time);
                }
            }
            if (end == start)
            {
                yield break;
            }
            start = end + TimeSpan.FromSeconds(1);
        }
    }

    private IEnumerable<SourceEvent> Beats(Recording recording, int round, DateTimeOffset start)
    {
        var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
        var match = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate);
        return BeatSegmenter.Segment(recording, peaks).Select((beat, row) => new SourceEvent(
            $"urn:lepton:device:ecg-{recording.Name}",
            $"{_request.Run}-{round}-{beat.Sample}",
            start + TimeSpan.FromSeconds(beat.Timing.At),
            "application/json",
            BeatJson.Write(beat),
            match[row] >= 0 && BeatClasses.Of(recording.Annotations[match[row]].Symbol) is { } truth ? BeatClasses.Label(truth) : null));
    }
}
