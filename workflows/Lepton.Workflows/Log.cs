using Microsoft.Extensions.Logging;

namespace Lepton.Workflows;

/// <summary>What is worth an operator's minute. Ids: 1xx the lanes, 2xx escalations, 3xx is the node's, 4xx gates.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Warning, "Events of pipeline '{pipeline}' will be delivered again ({count}): {step} failed: {why}")]
    public static partial void StepFailed(ILogger log, string pipeline, int count, string step, string why);

    [LoggerMessage(102, LogLevel.Warning, "Event '{eventId}' of '{device}' on pipeline '{pipeline}' is dead-lettered ({reason}): {message}")]
    public static partial void Rejected(ILogger log, string pipeline, string device, string eventId, string reason, string message);

    [LoggerMessage(201, LogLevel.Debug, "Escalation '{escalation}' waits: {why}")]
    public static partial void NotYet(ILogger log, string escalation, string why);

    [LoggerMessage(202, LogLevel.Warning, "Escalation '{escalation}' was refused for good: {why}")]
    public static partial void Refused(ILogger log, string escalation, string why);

    [LoggerMessage(204, LogLevel.Warning, "The tier above does not answer, so escalations wait and are asked again until their deadlines: {why}")]
    public static partial void TierAboveAway(ILogger log, string why);

    [LoggerMessage(205, LogLevel.Information, "The tier above answers again")]
    public static partial void TierAboveBack(ILogger log);

    [LoggerMessage(206, LogLevel.Debug, "The verdict on '{escalation}' could not be made use of at once, and will be: {why}")]
    public static partial void NotSettled(ILogger log, string escalation, string why);

    [LoggerMessage(401, LogLevel.Information, "The gate of '{pipeline}' is now {phase}: {labels} labels, {errors} wrong, threshold {threshold:0.####}, guarantee {guarantee}")]
    public static partial void GatePhase(ILogger log, string pipeline, string phase, int labels, int errors, double threshold, string guarantee);

    [LoggerMessage(402, LogLevel.Warning, "An alarm ({kind}) went off at the gate of '{pipeline}': the next {labels} events escalate, and it calibrates anew")]
    public static partial void GateAlarm(ILogger log, string pipeline, string kind, int labels);

    [LoggerMessage(403, LogLevel.Warning, "The gate of '{pipeline}' starts a new calibration: its model or settings changed (from {earlier} to {now})")]
    public static partial void OtherCalibration(ILogger log, string pipeline, string earlier, string now);

    [LoggerMessage(404, LogLevel.Warning, "The gate of '{pipeline}' starts a new calibration: the tier above answers with another model (from {earlier} to {now})")]
    public static partial void OtherReference(ILogger log, string pipeline, string earlier, string now);

    [LoggerMessage(405, LogLevel.Error, "The saved calibration of the gate of '{pipeline}' is damaged: it is put aside (actor state 'damaged'), and the gate starts cold, sending everything up until it is calibrated")]
    public static partial void GateDamaged(ILogger log, string pipeline);

    [LoggerMessage(406, LogLevel.Error, "The saved state of the gate of '{pipeline}' can't be read: {why}")]
    public static partial void GateUnreadable(ILogger log, string pipeline, string why);

    [LoggerMessage(407, LogLevel.Warning, "The gate of '{pipeline}' is kept by a node with other models or settings ({kept}, here {own}): this one escalates everything until both run the same files")]
    public static partial void OtherSettings(ILogger log, string pipeline, string kept, string own);

    [LoggerMessage(408, LogLevel.Debug, "The gate of '{pipeline}' can't be asked for news: {why}")]
    public static partial void GateAway(ILogger log, string pipeline, string why);

    [LoggerMessage(203, LogLevel.Warning, "Escalation '{escalation}' cannot be asked: its record or payload is no longer in the state store")]
    public static partial void PayloadGone(ILogger log, string escalation);
}
