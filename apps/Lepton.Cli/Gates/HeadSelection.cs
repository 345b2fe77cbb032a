using Lepton.Decisions.Gates;
using Lepton.Inference.Onnx;
using Lepton.Inference.ScoreFiles;

namespace Lepton.Cli.Gates;

internal enum HeadChoice
{
    None,
    Auto,
    Logistic,
    Boosted,
}

/// <summary>How unsure an event is: by its scores, or by a head that knows when the edge errs.</summary>
internal sealed class Doubt(ScoreKind score, int classes, GateHead? logistic, HeadModel? boosted)
{
    private readonly double[] features = boosted is null ? [] : new double[boosted.Features];

    public GateHead? Logistic => logistic;

    public bool IsPlain => logistic is null && boosted is null;

    /// <summary>The reading with its doubt; invalid where the head says none.</summary>
    public ScoreReading Read(double[] scores, float[] inputs)
    {
        var reading = Scores.Read(scores, score);
        return IsPlain || !reading.Valid ? reading : reading with { Doubt = (float)(Boosted(reading, inputs) ?? logistic!.Probability(reading, inputs)) };
    }

    /// <summary>What the boosted head says; null where there is none.</summary>
    public double? Boosted(in ScoreReading reading, float[] inputs)
    {
        if (boosted is null || !reading.Valid)
        {
            return null;
        }

        GateHead.Fill(reading, inputs, classes, features);
        return boosted.Probability(features);
    }
}

/// <summary>Fits and chooses a head on the labels of a file that are set apart for it.</summary>
internal sealed class HeadSelection(HeadChoice choice, ScoreKind score, double alpha, HeadModel? boosted)
{
    // A head of some dozens of weights learns no more from further events.
    private const int MostSamples = 20_000;

    public Doubt Select(ScoreFile file, long events, out HeadReport? report)
    {
        var classes = file.Columns.Classes;
        var plain = new Doubt(score, classes, null, null);
        report = null;
        if (choice == HeadChoice.None)
        {
            return plain;
        }

        if (boosted is not null && boosted.Features != GateHead.Width(classes, file.Columns.Inputs.Length))
        {
            throw CommandException.Misused(
                $"the head of --boosted has {boosted.Features} features, and '{file.Path}' with {classes} classes and {file.Columns.Inputs.Length} inputs has {GateHead.Width(classes, file.Columns.Inputs.Length)}; fit it on a file of the same columns");
        }

        if (choice == HeadChoice.Boosted)
        {
            report = new(true, "boosted", null, "asked for", null);
            return new Doubt(score, classes, null, boosted);
        }

        if (choice == HeadChoice.Auto && events < HeadFit.LeastLabels)
        {
            report = new(false, null, null, $"fewer than {HeadFit.LeastLabels} labels are better spent on calibrating", null);
            return plain;
        }

        List<HeadSample> fits = [], held = [];
        foreach (var row in file.Rows())
        {
            var part = HeadSplit.Of(HeadSplit.HashOf(row.Id));
            if (part != HeadPart.Calibrates && fits.Count < MostSamples)
            {
                var reading = Scores.Read(row.Scores, score);
                (part == HeadPart.Fits ? fits : held).Add(new(reading, [.. row.Inputs], reading.Predicted != row.Reference));
            }
        }

        var verdict = choice == HeadChoice.Auto ? Choose(fits, held, classes)
            : HeadFit.Fit([.. fits, .. held], classes) is { } asked ? new HeadVerdict(HeadKind.Logistic, 0, asked)
            : new HeadVerdict(HeadKind.None, 0, null);
        report = ReportOf(verdict);
        return verdict.Kind switch
        {
            HeadKind.Logistic => new Doubt(score, classes, verdict.Logistic, null),
            HeadKind.Boosted => new Doubt(score, classes, null, boosted),
            _ => plain,
        };
    }

    private HeadVerdict Choose(List<HeadSample> fits, List<HeadSample> held, int classes)
    {
        var trees = new Doubt(score, classes, null, boosted);
        return HeadFit.Choose(fits, held, classes, alpha, boosted is null ? null : held.ConvertAll(sample => trees.Boosted(sample.Reading, sample.Inputs)!.Value));
    }

    private HeadReport ReportOf(HeadVerdict verdict) => (verdict.Kind, choice) switch
    {
        (HeadKind.None, HeadChoice.Logistic) => new(false, null, null, "the fit half has no errors, or nothing else", null),
        (_, HeadChoice.Logistic) => new(true, "logistic", null, "asked for", verdict.Logistic!.Weights),
        (HeadKind.None, _) when verdict.Gain is null => new(false, null, null, $"too few labels to choose by: alpha allows fewer than {HeadFit.LeastErrors} errors on them", null),
        (HeadKind.None, _) => new(false, null, verdict.Gain, $"the best would save {verdict.Gain:P1} of the escalations, less than {HeadFit.LeastGain:P0}", null),
        _ => new(true, verdict.Kind.ToString().ToLowerInvariant(), verdict.Gain, $"it saves {verdict.Gain:P1} of the escalations", verdict.Logistic?.Weights),
    };
}
