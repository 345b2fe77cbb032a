using Lepton.Inference.Onnx;
using Lepton.Inference.ScoreFiles;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates;

internal sealed record GateFitOptions(Guarantee Guarantee, ScoreKind Score, bool PerClass, HeadChoice Head, HeadModel? Boosted = null, double? MostEscalations = null);

/// <summary>Calibrates a gate on a file of labelled events in a few passes over it, none of which keeps the rows.</summary>
internal sealed class GateFit(ScoreFile file, GateFitOptions options)
{
    private readonly int classes = file.Columns.Classes;

    public GateFitReport Run()
    {
        var survey = file.Check();
        var doubt = new HeadSelection(options.Head, options.Score, options.Guarantee.Alpha, options.Boosted).Select(file, survey.Events, out var choice);
        var histogram = options.MostEscalations is null ? null : new DoubtHistogram();
        var groups = GroupsOf(CountByClass(doubt));
        foreach (var (reading, reference, hash) in Calibrating(doubt))
        {
            histogram?.Add(reading.Doubt, reading.Predicted != reference);
            if (reading.Predicted != reference)
            {
                groups[reading.Predicted].Wrong.Add(Label.Jittered(reading.Doubt, hash));
            }
        }

        foreach (var group in groups.Distinct())
        {
            group.Calibrate(options.Guarantee);
        }

        foreach (var (reading, reference, hash) in Calibrating(doubt))
        {
            var group = groups[reading.Predicted];
            if (Label.Jittered(reading.Doubt, hash) < group.Calibration.Threshold)
            {
                group.Accepted++;
                group.AcceptedWrong += reading.Predicted == reference ? 0 : 1;
            }
        }

        return Report(survey, [.. groups.Distinct()], choice) with { Affordable = histogram?.Smallest(options.MostEscalations!.Value, options.Guarantee) };
    }

    private GateFitReport Report(ScoreFile.Survey survey, Group[] groups, HeadReport? head)
    {
        long labels = groups.Sum(group => (long)group.Labels), accepted = groups.Sum(group => group.Accepted);
        var one = groups.Length == 1 && !options.PerClass ? groups[0] : null;
        var missing = Math.Max(0, options.Guarantee.FirstOpening - groups.Max(group => group.Labels));
        return new()
        {
            Input = file.Path,
            Alpha = options.Guarantee.Alpha,
            Delta = options.Guarantee.Mode == GuaranteeMode.Pac ? options.Guarantee.Delta : null,
            Mode = options.Guarantee.Mode == GuaranteeMode.Pac ? "pac" : "expected",
            Score = options.Score.ToString().ToLowerInvariant(),
            Events = survey.Events,
            Labels = labels,
            Errors = groups.Sum(group => (long)group.Wrong.Seen),
            Order = one?.Calibration.Order,
            Threshold = one?.Calibration.Threshold,
            Escalation = 1 - ((double)accepted / Math.Max(1, labels)),
            ObservedRisk = (double)groups.Sum(group => group.AcceptedWrong) / Math.Max(1, labels),
            Bound = groups.Max(group => group.Calibration.Bound),
            Missing = missing,
            Head = head,
            Classes = options.PerClass ? [.. groups.Select(group => group.Report())] : null,
            Notes = [.. Notes(survey, missing, groups)],
        };
    }

    private static IEnumerable<string> Notes(ScoreFile.Survey survey, int missing, Group[] groups)
    {
        if (missing > 0)
        {
            yield return $"nothing is accepted: {missing} labels are missing until the first answer can be";
        }

        if (survey.OnlyClass is { } only)
        {
            yield return $"every reference is class {only}: the bound says nothing of events of other classes";
        }

        if (groups.All(group => group.Wrong.Seen == 0))
        {
            yield return "edge and reference never disagree: if the reference is the edge's own answer, the bound means nothing";
        }
    }

    // The half that fitted and chose the head never calibrates; without a head all rows do.
    private IEnumerable<(ScoreReading Reading, int Reference, ulong Hash)> Calibrating(Doubt doubt)
    {
        foreach (var row in file.Rows())
        {
            var hash = HeadSplit.HashOf(row.Id);
            if (doubt.IsPlain || HeadSplit.Of(hash) == HeadPart.Calibrates)
            {
                yield return (doubt.Read(row.Scores, row.Inputs), row.Reference, hash);
            }
        }
    }

    private int[] CountByClass(Doubt doubt)
    {
        var counts = new int[classes];
        foreach (var (reading, _, _) in Calibrating(doubt))
        {
            counts[reading.Predicted]++;
        }

        return counts;
    }

    // One group for all classes, or one for each that has labels enough and one for the others.
    private Group[] GroupsOf(int[] counts)
    {
        var first = options.Guarantee.FirstOpening;
        var pooled = options.PerClass ? counts.Where(count => count < first).Sum() : counts.Sum();
        var common = new Group(null, pooled, options.Guarantee);
        return [.. counts.Select((count, c) => options.PerClass && count >= first ? new Group(c, count, options.Guarantee) : common)];
    }

    private sealed class Group(int? ofClass, int labels, Guarantee guarantee)
    {
        public int Labels => labels;

        public SmallestDoubts Wrong { get; } = new(guarantee.Order(labels));

        public Calibration Calibration { get; private set; }

        public long Accepted { get; set; }

        public long AcceptedWrong { get; set; }

        public void Calibrate(Guarantee promised) => Calibration = Calibration.Of(labels, Wrong.Ascending(), promised) with { Errors = Wrong.Seen };

        public ClassFit Report() => new(ofClass, labels, Wrong.Seen, Calibration.Order, Calibration.Threshold, 1 - ((double)Accepted / Math.Max(1, labels)), Calibration.Bound);
    }
}
