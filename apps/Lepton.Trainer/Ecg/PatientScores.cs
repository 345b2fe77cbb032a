using System.Globalization;

namespace Lepton.Trainer.Ecg;

// One line of the table.
internal sealed class PatientScores(string name)
{
    internal Score Edge { get; } = new();
    internal Score Cloud { get; } = new();
    internal Score Final { get; } = new();
    internal int Missed { get; set; }
    internal int Extra { get; set; }
    internal int Detected { get; set; }
    internal int Escalated { get; set; }

    internal const string Header = "record    beats abnormal missed extra | edge sens  spec   acc | cloud sens  spec   acc | final sens  spec   acc | escalated";

    internal void Add(PatientScores other)
    {
        Edge.Add(other.Edge);
        Cloud.Add(other.Cloud);
        Final.Add(other.Final);
        (Missed, Extra, Detected, Escalated) = (Missed + other.Missed, Extra + other.Extra, Detected + other.Detected, Escalated + other.Escalated);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{name,-8} {Edge.Positives + Edge.Negatives,6} {Edge.Positives,8} {Missed,6} {Extra,5} | {Three(Edge)}     | {Three(Cloud)}      | {Three(Final)}      | {(Detected == 0 ? 0 : 100.0 * Escalated / Detected),7:F1} %");

    private static string Three(Score score) => $"{Show(score.Sensitivity)} {Show(score.Specificity)} {Show(score.Accuracy)}";

    private static string Show(double ratio) => double.IsNaN(ratio) ? "    -" : ratio.ToString("F3", CultureInfo.InvariantCulture);
}
