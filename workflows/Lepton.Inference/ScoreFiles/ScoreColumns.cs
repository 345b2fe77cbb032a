using System.Text.RegularExpressions;
using Lepton.Contracts.Resources;

namespace Lepton.Inference.ScoreFiles;

/// <summary>
/// Which column of a score file is what: p0 to pK-1, reference, and optionally truth, id, bytes and inputs whose names begin with x. A detector's or a regression's
/// answers bring one column doubt instead of scores, and perhaps boxes; their reference is 0 where it agrees within the tolerance and 1 where it does not.
/// </summary>
public sealed partial class ScoreColumns
{
    private const string Known = "p0, p1, ... (or doubt), reference, and optionally truth, id, bytes, boxes and inputs x...";

    private ScoreColumns(Column[] columns, int classes, string[] inputs) => (Columns, Classes, Inputs) = (columns, classes, inputs);

    internal enum Kind
    {
        Score,
        Doubt,
        Boxes,
        Input,
        Reference,
        Truth,
        Id,
        Bytes,
    }

    internal Column[] Columns { get; }

    /// <summary>Number of score columns; 2 for answers that bring their own doubt.</summary>
    public int Classes { get; }

    /// <summary>Names of the input columns, in their order.</summary>
    public string[] Inputs { get; }

    /// <summary>Whether the file says what each event would cost to send.</summary>
    public bool HasBytes => Columns.Any(column => column.Kind == Kind.Bytes);

    /// <summary>Whether the file says what each event truly was, beside what the reference says.</summary>
    public bool HasTruth => Columns.Any(column => column.Kind == Kind.Truth);

    /// <summary>Whether the answers bring their own doubt instead of scores: p0 is then 1 - doubt / 2, p1 the rest, and the margin between them 1 - doubt.</summary>
    public bool HasOwnDoubt => Columns.Any(column => column.Kind == Kind.Doubt);

    /// <summary>Whether the file has the scores of each frame's boxes.</summary>
    public bool HasBoxes => Columns.Any(column => column.Kind == Kind.Boxes);

    internal static ScoreColumns? Read(string file, string header, List<Fault> faults)
    {
        var before = faults.Count;
        string[] names = [.. header.TrimStart('\uFEFF').Split(',').Select(name => name.Trim().Trim('"'))];
        void Report(string problem, string cure) => faults.Add(new Fault(file, 1, problem, cure));

        foreach (var twice in names.GroupBy(name => name).Where(group => group.Count() > 1))
        {
            Report($"has the column '{twice.Key}' {twice.Count()} times", "keep one of them");
        }

        string[] inputs = [.. names.Where(name => name.StartsWith('x'))];
        var classes = names.Count(name => ScoreName().IsMatch(name));
        foreach (var name in names.Where(name => !ScoreName().IsMatch(name) && !name.StartsWith('x') && name is not ("reference" or "truth" or "id" or "bytes" or "doubt" or "boxes")))
        {
            Report($"has a column '{name}', which is not known", $"the columns are {Known}");
        }

        for (var c = 0; c < classes; c++)
        {
            if (!names.Contains($"p{c}"))
            {
                Report($"has {classes} score columns but no 'p{c}'", "number them from p0 without a gap");
            }
        }

        if (names.Contains("doubt"))
        {
            if (classes > 0)
            {
                Report("has scores and a column 'doubt'", "keep the scores of a classifier, or the doubt of a detector or a regression");
            }

            classes = 2;
        }
        else if (classes == 0)
        {
            Report("has no score columns", $"the columns are {Known}");
        }
        else if (classes == 1)
        {
            Report("has one score column only, which says nothing", "give one score for each class: p0 and p1 for two classes");
        }

        if (!names.Contains("reference"))
        {
            Report("has no column 'reference'", "add the number of the right class, counted from 0, of each event");
        }

        return faults.Count > before ? null : new([.. names.Select(name => ColumnOf(name, inputs))], classes, inputs);
    }

    private static Column ColumnOf(string name, string[] inputs) => name switch
    {
        "reference" => new(name, Kind.Reference, 0),
        "doubt" => new(name, Kind.Doubt, 0),
        "boxes" => new(name, Kind.Boxes, 0),
        "truth" => new(name, Kind.Truth, 0),
        "id" => new(name, Kind.Id, 0),
        "bytes" => new(name, Kind.Bytes, 0),
        ['x', ..] => new(name, Kind.Input, Array.IndexOf(inputs, name)),
        _ => new(name, Kind.Score, int.Parse(name.AsSpan(1))),
    };

    [GeneratedRegex("^p(0|[1-9][0-9]{0,4})$")]
    private static partial Regex ScoreName();

    internal sealed record Column(string Name, Kind Kind, int Index);
}
