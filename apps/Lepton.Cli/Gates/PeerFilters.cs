using System.Globalization;

namespace Lepton.Cli.Gates;

/// <summary>
/// The rules that others escalate by, written anew from what they do: each has a hand-set number, none learns. A detector's filters see a classifier as one box
/// with its best score. Where the original raises an exception (the logarithm of a score of 0) the limit is taken instead.
/// </summary>
internal static class PeerFilters
{
    public const string Names = "lepton, sedna-ce, sedna-threshold, sedna-ibt, fixed:<score>, never or always";

    /// <summary>Whether an event is sent up; null for a name that is not known.</summary>
    public static Func<double[], bool>? Find(string name) => name switch
    {
        "never" => _ => false,
        "always" => _ => true,
        "sedna-ce" => scores => 1 - NormalisedEntropy(scores) < 0.5,
        "sedna-threshold" => scores => scores.Max() < 0.5,
        "sedna-ibt" => scores => scores.Max() <= 0.5,
        _ when name.StartsWith("fixed:", StringComparison.Ordinal) && double.TryParse(name.AsSpan(6), NumberStyles.Float, CultureInfo.InvariantCulture, out var least) && least is >= 0 and <= 1 =>
            scores => scores.Max() < least,
        _ => null,
    };

    /// <summary>The same rules as a detector's filters, on the scores of a frame's boxes: a frame without boxes is never sent up. Null for a rule that needs a classifier's scores.</summary>
    public static Func<double[], bool>? FindForBoxes(string name) => name switch
    {
        "sedna-ce" => null,
        "sedna-threshold" => boxes => boxes.Length > 0 && boxes.Average() < 0.5,
        "sedna-ibt" => boxes => boxes.Length > 0 && boxes.Count(score => score <= 0.5) >= 0.5 * boxes.Length,
        "never" or "always" => Find(name),
        _ when Find(name) is not null => boxes => boxes.Length > 0 && Find(name)!([boxes.Average()]),
        _ => null,
    };

    private static double NormalisedEntropy(double[] scores) => -scores.Sum(p => p > 0 ? p * Math.Log(p) : 0) / Math.Log(scores.Length);
}
