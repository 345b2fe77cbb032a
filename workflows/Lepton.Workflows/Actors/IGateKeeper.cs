using Dapr.Actors;
using Lepton.Decisions.Labels;

namespace Lepton.Workflows.Actors;

/// <summary>The one writer of what a pipeline's gate has learned on this node. Every call may be repeated.</summary>
public interface IGateKeeper : IActor
{
    /// <summary>Learns from the ending of one escalation or audit.</summary>
    Task FeedBackAsync(GateNote note);

    /// <summary>Begins a new calibration, once per epoch however many replicas raise the alarm.</summary>
    Task AlarmAsync(GateAlarm alarm);

    /// <summary>What was learned since the given version; null when that is the newest.</summary>
    Task<GateNews?> ReadAsync(long version);
}

/// <summary>How one escalation or audit ended.</summary>
/// <param name="Key">The event's key.</param>
/// <param name="Ending">The decisive reason of the second revision: confirmed, corrected, expired or refused.</param>
/// <param name="Audit">Whether the answer stood and only its label was asked for.</param>
/// <param name="AnsweredLocally">Whether an answer had been published before.</param>
/// <param name="Calibration">The calibration that decided about the event.</param>
/// <param name="Label">The completed label; null when the verdict calibrates nothing.</param>
/// <param name="Reference">The model that gave the verdict; null without one.</param>
public sealed record GateNote(string Key, string Ending, bool Audit, bool AnsweredLocally, string? Calibration, Label? Label, string? Reference);

/// <summary>A replica's alarm.</summary>
/// <param name="Calibration">The calibration that it watched.</param>
/// <param name="Epoch">Its epoch; an alarm of an earlier one is out of date.</param>
/// <param name="Kind">What went off: doubt, novelty or harm.</param>
public sealed record GateAlarm(string Calibration, int Epoch, string Kind);

/// <summary>All that a replica needs.</summary>
/// <param name="Page">The keeper's page.</param>
/// <param name="Archive">The gate's memory.</param>
/// <param name="Salt">The secret of the coin.</param>
public sealed record GateNews(GatePage Page, byte[] Archive, string Salt);

/// <summary>The first page of a keeper's book.</summary>
/// <param name="Calibration">The key of model and settings.</param>
/// <param name="Version">Counts the changes.</param>
/// <param name="Logged">Labels in the log since the last snapshot.</param>
/// <param name="Alarms">Alarms so far.</param>
/// <param name="LastAlarm">What went off last, and when.</param>
/// <param name="Reference">The model whose verdicts are the reference.</param>
public sealed record GatePage(string? Calibration = null, long Version = 0, int Logged = 0, int Alarms = 0, string? LastAlarm = null, string? Reference = null)
{
    /// <summary>What became of escalations and audits.</summary>
    public GateCounts Counts { get; init; } = new();
}

/// <summary>What became of escalations and audits since the gate exists. Adding commutes: the order of verdicts changes nothing.</summary>
/// <param name="Agreed">Escalations on which the tier above agreed.</param>
/// <param name="Disagreed">Escalations on which it did not.</param>
/// <param name="Expired">Escalations whose deadline passed.</param>
/// <param name="Refused">Escalations that were refused.</param>
/// <param name="WronglyProvisional">Of those disagreed, how many had been answered provisionally.</param>
/// <param name="Audited">Audits that ended.</param>
/// <param name="AuditedWrong">Audits that corrected an answer that had stood.</param>
public sealed record GateCounts(long Agreed = 0, long Disagreed = 0, long Expired = 0, long Refused = 0, long WronglyProvisional = 0, long Audited = 0, long AuditedWrong = 0)
{
    /// <summary>Endings that were published as a second revision.</summary>
    public long Endings => Agreed + Disagreed + Expired + Refused + AuditedWrong;
}
