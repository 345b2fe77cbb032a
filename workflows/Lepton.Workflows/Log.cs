using Microsoft.Extensions.Logging;

namespace Lepton.Workflows;

/// <summary>What is worth an operator's minute. Ids: 1xx the lanes, 2xx escalations.</summary>
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

    [LoggerMessage(203, LogLevel.Warning, "Escalation '{escalation}' cannot be asked: its record or payload is no longer in the state store")]
    public static partial void PayloadGone(ILogger log, string escalation);
}
