namespace Lepton.Trainer.Ecg;

// Counts over annotated beats: a beat that was not detected, or not answered, is wrong.
internal sealed class Score
{
    internal int TruePositives { get; private set; }
    internal int FalseNegatives { get; private set; }
    internal int TrueNegatives { get; private set; }
    internal int FalsePositives { get; private set; }

    internal int Positives => TruePositives + FalseNegatives;
    internal int Negatives => TrueNegatives + FalsePositives;
    internal double Sensitivity => Ratio(TruePositives, Positives);
    internal double Specificity => Ratio(TrueNegatives, Negatives);
    internal double Accuracy => Ratio(TruePositives + TrueNegatives, Positives + Negatives);

    internal void Count(bool positive, bool right)
    {
        _ = (positive, right) switch
        {
            (true, true) => TruePositives++,
            (true, false) => FalseNegatives++,
            (false, true) => TrueNegatives++,
            (false, false) => FalsePositives++,
        };
    }

    internal void Add(Score other)
    {
        TruePositives += other.TruePositives;
        FalseNegatives += other.FalseNegatives;
        TrueNegatives += other.TrueNegatives;
        FalsePositives += other.FalsePositives;
    }

    // What has no case has no ratio; tables show it as a dash.
    private static double Ratio(int part, int whole) => whole == 0 ? double.NaN : (double)part / whole;
}
