using System.Globalization;

namespace Lepton.Workflows.Escalation;

/// <summary>How long an escalation waits before it tries again.</summary>
internal static class Backoff
{
    /// <summary>
    /// Doubles from the shortest to the longest pause, drawn between half of it and the whole of it by the event's own key: a replayed workflow
    /// draws the same, and a thousand escalations that a dead link held up do not all come back at once.
    /// </summary>
    /// <param name="subject">The event's subject.</param>
    /// <param name="pauses">The shortest and the longest pause.</param>
    /// <param name="attempt">Failed attempts before this one.</param>
    /// <param name="retryAfter">What the tier above asked for.</param>
    /// <param name="left">The time that is left; the pause ends with it. Null when there is no end.</param>
    public static TimeSpan Pause(string subject, Pauses pauses, int attempt, TimeSpan? retryAfter = null, TimeSpan? left = null)
    {
        var most = Math.Min(pauses.Longest.TotalSeconds, pauses.Shortest.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30)));
        var seconds = most * (0.5 + (0.5 * Draw(subject, attempt)));
        seconds = Math.Min(Math.Max(seconds, retryAfter?.TotalSeconds ?? 0), left?.TotalSeconds ?? double.MaxValue);
        return TimeSpan.FromSeconds(Math.Max(seconds, 0.001));
    }

    /// <summary>A number from 0 to 1 out of the event key, which is a hash: four other digits of it for each attempt.</summary>
    private static double Draw(string subject, int attempt)
    {
        var key = subject[(subject.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return ushort.Parse(key.AsSpan(attempt % 8 * 4, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / (double)ushort.MaxValue;
    }
}

/// <summary>How long a workflow waits between two attempts, at least and at most.</summary>
internal sealed record Pauses(TimeSpan Shortest, TimeSpan Longest);
