using Dapr.Actors;

namespace Lepton.Workflows.Actors;

/// <summary>The twin of a device. Every call may be repeated: what was counted once is not counted again.</summary>
public interface IDeviceTwin : IActor
{
    /// <summary>Counts events that were answered and learns the baseline from them.</summary>
    Task<TwinNote> ObserveAsync(Observation observation);

    /// <summary>Applies what became of an escalated event.</summary>
    Task CorrectAsync(TwinCorrection correction);

    /// <summary>The device's baseline for a pipeline, by signal; null when there is none yet.</summary>
    Task<Dictionary<string, float[]>?> BaselineAsync(string pipeline);

    /// <summary>The twin as people read it.</summary>
    Task<TwinView> ReadAsync();
}

/// <summary>Events of one device and pipeline, as decided.</summary>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Sightings">The events.</param>
public sealed record Observation(string Pipeline, IReadOnlyList<Sighting> Sightings);

/// <summary>One event that a device's twin sees.</summary>
/// <param name="Key">The event's key.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Label">What was answered; null when nothing was yet.</param>
/// <param name="At">Its own time in seconds, for the baseline; null when none is needed.</param>
/// <param name="Signals">The signals of the baseline one after the other; null when none are needed.</param>
public sealed record Sighting(string Key, DateTimeOffset Time, string? Label, double? At, float[]? Signals);

/// <summary>What the caller of a twin should remember.</summary>
/// <param name="BaselineFrozen">True when further events need not bring their signals.</param>
public sealed record TwinNote(bool BaselineFrozen);

/// <summary>What became of an escalated event.</summary>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Label">The final label; null when there is none.</param>
/// <param name="Changed">Whether the final answer differs from the first one.</param>
public sealed record TwinCorrection(string Pipeline, string Key, string? Label, bool Changed);

/// <summary>A device's twin as people read it.</summary>
/// <param name="Device">The device.</param>
/// <param name="Pipelines">What it knows, by pipeline.</param>
public sealed record TwinView(string Device, IReadOnlyDictionary<string, TwinPage> Pipelines);

/// <summary>What a twin knows of its device in one pipeline.</summary>
/// <param name="Events">Events counted.</param>
/// <param name="Ended">Escalations that ended.</param>
/// <param name="Corrected">Of these, how many changed the answer.</param>
/// <param name="Last">The youngest event by its own time.</param>
/// <param name="BaselineFrozen">Whether the baseline is complete.</param>
public sealed record TwinPage(long Events = 0, long Ended = 0, long Corrected = 0, LastAnswer? Last = null, bool BaselineFrozen = false);

/// <summary>The youngest answer of a device.</summary>
/// <param name="Key">The event's key.</param>
/// <param name="Time">When the event happened.</param>
/// <param name="Label">The label, corrected when a correction came.</param>
public sealed record LastAnswer(string Key, DateTimeOffset Time, string? Label);
