using System.Globalization;
using Lepton.Inference.Signals;

namespace Lepton.Trainer.Ecg;

// Writes the beats that our own detector finds, labelled from the annotations, for the training script:
//   beats.f32   float32, little endian, [rows, 2, 288] in mV
//   index.csv   one line a row: record, sample, symbol (? for an extra detection), and the timing values
//   missed.csv  one line per annotated beat that was not detected: record, symbol
internal static class EcgDataset
{
    internal static int Write(string from, string output)
    {
        Directory.CreateDirectory(output);
        using var beats = new BinaryWriter(File.Create(Path.Combine(output, "beats.f32")));
        using var index = new StreamWriter(Path.Combine(output, "index.csv"));
        using var missed = new StreamWriter(Path.Combine(output, "missed.csv"));
        index.WriteLine("record,sample,symbol,at,rrPrevious,rrNext,rrBefore,rrLocal,rrMean,rrSpread");
        missed.WriteLine("record,symbol");
        Console.WriteLine("record    annotated  detected  missed  extra  sensitivity");
        var (annotated, lost, extra) = (0, 0, 0);
        foreach (var header in RecordingReader.Find(from))
        {
            var recording = RecordingReader.Read(header);
            var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
            var match = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate);
            var row = 0;
            foreach (var beat in BeatSegmenter.Segment(recording, peaks))
            {
                var symbol = match[row] < 0 ? '?' : recording.Annotations[match[row]].Symbol;
                var t = beat.Timing;
                index.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{recording.Name},{beat.Sample},{symbol},{t.At:F4},{t.Previous:F4},{t.Next:F4},{t.Before:F4},{t.Local:F4},{t.Mean:F4},{t.Spread:F4}"));
                foreach (var sample in beat.Leads.Take(2).SelectMany(lead => lead))
                {
                    beats.Write(sample);
                }
                row++;
            }
            var found = match.Where(m => m >= 0).ToHashSet();
            foreach (var (annotation, _) in recording.Annotations.Select((a, i) => (a, i)).Where(pair => !found.Contains(pair.i)))
            {
                missed.WriteLine($"{recording.Name},{annotation.Symbol}");
            }
            Report(recording.Name, recording.Annotations.Count, peaks.Length, found.Count);
            (annotated, lost, extra) = (annotated + recording.Annotations.Count, lost + recording.Annotations.Count - found.Count, extra + peaks.Length - found.Count);
        }
        Report("all", annotated, annotated - lost + extra, annotated - lost);
        return 0;
    }

    private static void Report(string name, int annotated, int detected, int found) =>
        Console.WriteLine($"{name,-8} {annotated,10} {detected,9} {annotated - found,7} {detected - found,6} {(annotated == 0 ? 0 : (double)found / annotated),12:P2}");
}
