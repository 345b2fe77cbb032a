using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>How the drain ended.</summary>
internal enum Settlement
{
    /// <summary>Events still flow, or the drain has not ended.</summary>
    Open,

    /// <summary>Every event had its last word.</summary>
    Drained,

    /// <summary>Nothing moved any more although the way to the tier above was open.</summary>
    Stuck,

    /// <summary>Nothing moved any more, with the way to the tier above cut: escalations wait for it.</summary>
    WaitingForUplink,

    /// <summary>The time limit came while work went on.</summary>
    TimeUp,
}

/// <summary>Watches the last events come to their end, for a bounded time.</summary>
internal sealed class Drain(TimeSpan limit, TimeProvider time)
{
    /// <summary>Longer than the longest pause between two attempts of an escalation.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>Ledgers and results are seen a moment later than they are written: nothing pending must hold this long.</summary>
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(1.5);

    private readonly long begun = time.GetTimestamp();
    private long moved = time.GetTimestamp();
    private (long Events, long Pending) last = (-1, -1);

    public Settlement Look(RunFigures? figures, bool uplinkCut)
    {
        var now = (figures?.Pipelines.Values.Sum(pipeline => pipeline.Events) ?? 0, figures?.Pipelines.Values.Sum(pipeline => pipeline.Pending) ?? 0);
        if (now != last)
        {
            (last, moved) = (now, time.GetTimestamp());
        }

        var quiet = time.GetElapsedTime(moved);
        if (last.Pending == 0 && quiet >= Still)
        {
            return Settlement.Drained;
        }

        if (quiet >= Patience)
        {
            return uplinkCut ? Settlement.WaitingForUplink : Settlement.Stuck;
        }

        return time.GetElapsedTime(begun) >= limit ? Settlement.TimeUp : Settlement.Open;
    }

    public string Sentence(Settlement settlement) => settlement switch
    {
        Settlement.Drained => $"drained in {time.GetElapsedTime(begun).TotalSeconds:0} s: every event had its last word",
        Settlement.Stuck => $"{last.Pending} events have no last word, and nothing has moved for {Patience.TotalSeconds:0} s",
        Settlement.WaitingForUplink => $"{last.Pending} escalations wait for the way to the tier above, which is cut",
        _ => $"the drain's time limit of {limit.TotalSeconds:0} s came with {last.Pending} events still at work",
    };
}
