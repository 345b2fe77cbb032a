namespace Lepton.Inference.Sources;

/// <summary>An event of a recorded or simulated device, before it becomes a CloudEvent.</summary>
/// <param name="Device">The device: the CloudEvent's source, such as <c>urn:lepton:device:ecg-100</c>.</param>
/// <param name="Id">The event's id, unique for the device; equal in every run with the same <see cref="ReadRequest.Run"/>.</param>
/// <param name="Time">When it happened.</param>
/// <param name="ContentType">Media type of the data.</param>
/// <param name="Data">The payload bytes.</param>
/// <param name="Truth">The true label (or value as text), for the report alone: it is no part of the event. Null where nobody knows it.</param>
public sealed record SourceEvent(string Device, string Id, DateTimeOffset Time, string ContentType, ReadOnlyMemory<byte> Data, string? Truth);

/// <summary>How a pipeline's source is to be read.</summary>
public sealed record ReadRequest
{
    /// <summary>The folder of real data (<c>LEPTON_DATA</c>); null when there is none.</summary>
    public string? Data { get; init; }

    /// <summary>What the user asked for instead of the pipeline's own order: a file or folder, or <c>simulator</c>; null for the first source that is at hand.</summary>
    public string? Input { get; init; }

    /// <summary>Seed of everything simulated.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Part of every event id: another run makes other ids, the same run repeats them.</summary>
    public string Run { get; init; } = "1";

    /// <summary>Time of the first event.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Whether to begin again, with new ids, when the source ends.</summary>
    public bool Repeat { get; init; }
}
