using System.Globalization;

namespace Lepton.Trainer.Streams;

// Writes one score file. An answer that brings its own doubt d (a frame, a value) is written as two scores whose margin is 1 - d: class 0 is "the cloud agrees".
internal sealed class ScoreWriter : IDisposable
{
    private readonly StreamWriter writer;

    internal ScoreWriter(string folder, string name, int classes, int inputs, bool hasTruth, string note)
    {
        (Name, Path, Note) = (name, System.IO.Path.Combine(folder, name + ".csv"), note);
        writer = new StreamWriter(Path);
        string[] columns = ["id", .. Enumerable.Range(0, classes).Select(c => $"p{c}"), .. Enumerable.Range(0, inputs).Select(i => $"x{i}"), "bytes", "reference", .. hasTruth ? ["truth"] : Array.Empty<string>()];
        writer.WriteLine(string.Join(',', columns));
    }

    internal string Name { get; }

    internal string Path { get; }

    internal string Note { get; }

    internal int Rows { get; private set; }

    internal int Disagreements { get; private set; }

    internal void Add(string id, double[] scores, IEnumerable<float> inputs, long bytes, int reference, int? truth)
    {
        Rows++;
        Disagreements += Array.IndexOf(scores, scores.Max()) == reference ? 0 : 1;
        var fields = scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)).Concat(inputs.Select(input => input.ToString("R", CultureInfo.InvariantCulture)));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{id},{string.Join(',', fields)},{bytes},{reference}{(truth is { } right ? $",{right}" : "")}"));
    }

    internal void AddDoubt(string id, double doubt, IEnumerable<float> inputs, long bytes, bool agrees) => Add(id, [1 - (doubt / 2), doubt / 2], inputs, bytes, agrees ? 0 : 1, null);

    public void Dispose() => writer.Dispose();
}
