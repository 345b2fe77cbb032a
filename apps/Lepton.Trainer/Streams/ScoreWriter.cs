using System.Globalization;

namespace Lepton.Trainer.Streams;

// Writes one score file: a classifier's with scores, or a detector's or regression's with the doubt that its answers bring.
internal sealed class ScoreWriter : IDisposable
{
    private readonly StreamWriter writer;

    private ScoreWriter(string folder, string name, string note, IEnumerable<string> columns)
    {
        (Name, Path, Note) = (name, System.IO.Path.Combine(folder, name + ".csv"), note);
        writer = new StreamWriter(Path);
        writer.WriteLine(string.Join(',', columns));
    }

    internal string Name { get; }

    internal string Path { get; }

    internal string Note { get; }

    internal int Rows { get; private set; }

    internal int Disagreements { get; private set; }

    internal static ScoreWriter OfClasses(string folder, string name, int classes, int inputs, string note) =>
        new(folder, name, note, ["id", .. Numbered("p", classes), .. Numbered("x", inputs), "bytes", "reference", "truth"]);

    internal static ScoreWriter OfDoubts(string folder, string name, int inputs, string note) => new(folder, name, note, ["id", "doubt", .. Numbered("x", inputs), "bytes", "reference", "boxes"]);

    internal void Add(string id, double[] scores, float[] inputs, long bytes, int reference, int truth)
    {
        Rows++;
        Disagreements += Array.IndexOf(scores, scores.Max()) == reference ? 0 : 1;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{id},{string.Join(',', [.. scores.Select(Text), .. inputs.Select(input => Text(input))])},{bytes},{reference},{truth}"));
    }

    internal void Add(string id, double doubt, float[] inputs, long bytes, bool agrees, IEnumerable<double> boxes)
    {
        Rows++;
        Disagreements += agrees ? 0 : 1;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{id},{string.Join(',', [Text(doubt), .. inputs.Select(input => Text(input))])},{bytes},{(agrees ? 0 : 1)},{string.Join(';', boxes.Select(Text))}"));
    }

    public void Dispose() => writer.Dispose();

    private static IEnumerable<string> Numbered(string letter, int count) => Enumerable.Range(0, count).Select(i => $"{letter}{i}");

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
