using Lepton.Contracts.Events;

namespace Lepton.Cli.Checking;

/// <summary>What the checker knows of one event.</summary>
internal sealed class EventRecord
{
    /// <summary>The content's digest by revision.</summary>
    public Dictionary<int, string?> Digests { get; } = new(2);

    public bool Counted { get; set; }

    public bool Acknowledged { get; set; }

    public bool Escalated { get; set; }

    public bool Rejected { get; set; }

    public bool DeadLettered { get; set; }

    /// <summary>A final result or a rejection ended it.</summary>
    public bool Closed { get; set; }

    public DateTimeOffset Sent { get; set; }

    public DateTimeOffset? FirstSeen { get; set; }

    public int Bytes { get; set; }

    /// <summary>The highest revision seen.</summary>
    public int Revision { get; set; }

    public Truth? Truth { get; set; }

    public string? EdgeLabel { get; set; }

    public string? FinalLabel { get; set; }

    public Box[]? EdgeBoxes { get; set; }

    public Box[]? FinalBoxes { get; set; }

    public Outcome Before { get; set; }

    public Outcome After { get; set; }
}
