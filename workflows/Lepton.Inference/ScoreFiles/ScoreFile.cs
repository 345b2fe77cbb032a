using System.Globalization;
using Lepton.Contracts.Resources;

namespace Lepton.Inference.ScoreFiles;

/// <summary>A CSV file of scores and references, read row by row so that its length costs no memory. Every fault is told with its line.</summary>
public sealed class ScoreFile
{
    private const int MostFaults = 20;
    private const int ProgressRows = 1_000_000;
    private const double Slack = 1e-6;
    private const double SumSlack = 1e-3;

    private ScoreFile(string path, ScoreColumns columns) => (Path, Columns) = (path, columns);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Its columns.</summary>
    public ScoreColumns Columns { get; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="FaultyResourceException">The file is missing or empty, or its header is wrong; every fault is told.</exception>
    public static ScoreFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FaultyResourceException([new Fault(path, 0, "is not there", "name a CSV file with the columns p0, p1, ... and reference")]);
        }

        using var reader = new StreamReader(path);
        var faults = new List<Fault>();
        var columns = reader.ReadLine() is { Length: > 0 } header
            ? ScoreColumns.Read(path, header, faults)
            : Faulty(new Fault(path, 1, "is empty", "write a header line p0,p1,...,reference and one line for each event"), faults);
        return new ScoreFile(path, columns ?? throw new FaultyResourceException(faults));
    }

    /// <summary>Reads every row once and throws with the first faults of all; gives the number of events and which classes are referred to.</summary>
    public Survey Check()
    {
        var faults = new List<Fault>();
        var total = 0L;
        void Report(Fault fault)
        {
            total++;
            if (faults.Count < MostFaults)
            {
                faults.Add(fault);
            }
        }

        var references = new long[Columns.Classes];
        var survey = new Survey(references);
        foreach (var row in Rows(Report))
        {
            survey.Events++;
            references[row.Reference]++;
        }

        if (total == 0 && survey.Events == 0)
        {
            Report(new Fault(Path, 1, "has a header and no events", "write one line for each event"));
        }

        if (total > faults.Count)
        {
            faults.Add(new Fault(Path, 0, $"has {total - faults.Count} more faults", "correct those above and try again"));
        }

        return total == 0 ? survey : throw new FaultyResourceException(faults);
    }

    /// <summary>The rows of a file that was checked, all in the same object.</summary>
    public IEnumerable<ScoreRow> Rows() => Rows(fault => throw new FaultyResourceException([fault]));

    private IEnumerable<ScoreRow> Rows(Action<Fault> report)
    {
        var row = new ScoreRow(Columns.Classes, Columns.Inputs.Length);
        using var reader = new StreamReader(Path, System.Text.Encoding.UTF8, true, 1 << 16);
        reader.ReadLine();
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
            {
                continue;
            }

            if (Parse(text, row, line, report))
            {
                row.Number++;
                if (row.Number % ProgressRows == 0 && !Console.IsErrorRedirected)
                {
                    Console.Error.Write($"\r{row.Number:N0} rows read ");
                }

                yield return row;
            }
        }
    }

    private bool Parse(string text, ScoreRow row, int line, Action<Fault> report)
    {
        var good = true;
        void Wrong(string problem, string cure)
        {
            good = false;
            report(new Fault(Path, line, problem, cure));
        }

        row.Id = "";
        var rest = text.AsSpan();
        var read = 0;
        for (var more = true; more; read++)
        {
            var field = Field(ref rest, out more);
            if (read < Columns.Columns.Length)
            {
                Take(Columns.Columns[read], field, row, Wrong);
            }
        }

        if (read != Columns.Columns.Length)
        {
            Wrong($"has {read} fields where the header has {Columns.Columns.Length}", "write one field for each column");
        }
        else if (good && Math.Abs(row.Scores.Sum() - 1) > SumSlack)
        {
            Wrong($"has scores that add up to {row.Scores.Sum():G6}", "write probabilities that add up to 1 (softmax of the logits)");
        }

        if (!Columns.HasTruth)
        {
            row.Truth = row.Reference;
        }

        if (row.Id.Length == 0)
        {
            row.Id = line.ToString(CultureInfo.InvariantCulture);
        }

        return good;
    }

    private void Take(ScoreColumns.Column column, ReadOnlySpan<char> field, ScoreRow row, Action<string, string> wrong)
    {
        switch (column.Kind)
        {
            case ScoreColumns.Kind.Score:
                if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out row.Scores[column.Index]) || row.Scores[column.Index] is not (>= -Slack and <= 1 + Slack))
                {
                    wrong($"has the score '{field}' in column {column.Name}", "write a probability from 0 to 1");
                }

                break;
            case ScoreColumns.Kind.Doubt:
                if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var doubt) || doubt is not (>= 0 and <= 1))
                {
                    wrong($"has the doubt '{field}'", "write a number from 0 (sure) to 1");
                }

                (row.Scores[0], row.Scores[1]) = (1 - (doubt / 2), doubt / 2);
                break;
            case ScoreColumns.Kind.Boxes:
                row.Boxes = BoxesOf(field, wrong);
                break;
            case ScoreColumns.Kind.Input:
                if (!float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out row.Inputs[column.Index]) || !float.IsFinite(row.Inputs[column.Index]))
                {
                    wrong($"has the input '{field}' in column {column.Name}", "write a finite number");
                }

                break;
            case ScoreColumns.Kind.Reference or ScoreColumns.Kind.Truth:
                if (!int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var name) || name >= Columns.Classes)
                {
                    wrong($"has the {column.Name} '{field}', which is none of the {Columns.Classes} classes", $"write a whole number from 0 to {Columns.Classes - 1}, the number of the class's score column");
                    break;
                }

                (row.Reference, row.Truth) = column.Kind == ScoreColumns.Kind.Reference ? (name, row.Truth) : (row.Reference, name);
                break;
            case ScoreColumns.Kind.Bytes:
                if (!long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                {
                    wrong($"has the size '{field}' in column bytes", "write a whole number of bytes");
                }

                row.Bytes = bytes;
                break;
            default:
                row.Id = field.Contains('"') ? field.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : field.ToString();
                break;
        }
    }

    private static double[] BoxesOf(ReadOnlySpan<char> field, Action<string, string> wrong)
    {
        var boxes = new List<double>();
        foreach (var range in field.Split(';'))
        {
            if (!double.TryParse(field[range], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || score is not (>= 0 and <= 1))
            {
                if (!field[range].IsEmpty)
                {
                    wrong($"has the box score '{field[range]}' in column boxes", "write the scores of the frame's boxes from 0 to 1, separated by semicolons");
                }

                continue;
            }

            boxes.Add(score);
        }

        return [.. boxes];
    }

    private static ReadOnlySpan<char> Field(ref ReadOnlySpan<char> rest, out bool more)
    {
        // Only an id can need quotes, and a comma within them is part of it; a quote within them is written twice.
        var from = 0;
        while (from < rest.Length && rest[from] == '"' && rest[(from + 1)..].IndexOf('"') is >= 0 and var close)
        {
            from += close + 2;
        }

        var comma = rest[from..].IndexOf(',');
        more = comma >= 0;
        var field = more ? rest[..(from + comma)] : rest;
        rest = more ? rest[(from + comma + 1)..] : [];
        field = field.Trim();
        return field is ['"', .., '"'] ? field[1..^1] : field;
    }

    private static ScoreColumns? Faulty(Fault fault, List<Fault> faults)
    {
        faults.Add(fault);
        return null;
    }

    /// <summary>What one pass over the file has shown.</summary>
    /// <param name="References">How often each class is the reference.</param>
    public sealed record Survey(IReadOnlyList<long> References)
    {
        /// <summary>Number of events.</summary>
        public long Events { get; internal set; }

        /// <summary>The only class that occurs as a reference; null when there are several.</summary>
        public int? OnlyClass => References.Count(count => count > 0) == 1 ? Enumerable.Range(0, References.Count).First(c => References[c] > 0) : null;
    }
}
