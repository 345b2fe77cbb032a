using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Contracts.Events;

namespace Lepton.Cli.Checking;

/// <summary>What a sighting was.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SightingKind>))]
internal enum SightingKind
{
    /// <summary>A revision of a result.</summary>
    Result,

    /// <summary>An event that a node refused, with its reason.</summary>
    Rejection,

    /// <summary>An event that went to the dead letters without a reason of ours: its deliveries were used up.</summary>
    DeadLetter,
}

/// <summary>One thing that the checker saw on a topic, as its journal keeps it.</summary>
internal sealed record Sighting
{
    public required SightingKind Kind { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>The event's key; empty when a malformed event has none.</summary>
    public required string Key { get; init; }

    public required string Device { get; init; }

    public required string EventId { get; init; }

    public required DateTimeOffset Seen { get; init; }

    public int Revision { get; init; }

    public bool Final { get; init; }

    /// <summary>First 64 bits of the content's hash: the same revision with another digest is a duplicate.</summary>
    public string? Digest { get; init; }

    /// <summary>How an escalation ended, the decisive reason of its last revision; null for a first one.</summary>
    public string? Ending { get; init; }

    public string? Label { get; init; }

    public Box[]? Boxes { get; init; }

    public static Sighting Of(Result result, DateTimeOffset seen)
    {
        // Hashed as we write it, so that a broker which orders members anew changes nothing.
        var content = JsonSerializer.SerializeToUtf8Bytes(result, ContractJson.Default.Result);
        return new Sighting
        {
            Kind = SightingKind.Result,
            Pipeline = result.Pipeline,
            Key = KeyOf(result.Subject),
            Device = result.Device,
            EventId = result.EventId,
            Seen = seen,
            Revision = result.Revision,
            Final = result.Status == Result.Final,
            Digest = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8)),
            Ending = result.Revision > 1 && result.Reasons is [var decisive, ..] ? decisive : null,
            Label = result.Answer?.Label,
            Boxes = result.Answer?.Boxes,
        };
    }

    public static Sighting Of(Rejection rejection, DateTimeOffset seen) => Ended(SightingKind.Rejection, rejection.Pipeline, rejection.Device, rejection.EventId, seen);

    public static Sighting OfDeadLetter(string pipeline, string device, string eventId, DateTimeOffset seen) => Ended(SightingKind.DeadLetter, pipeline, device, eventId, seen);

    private static Sighting Ended(SightingKind kind, string pipeline, string device, string eventId, DateTimeOffset seen) => new()
    {
        Kind = kind,
        Pipeline = pipeline,
        Key = device.Length > 0 && eventId.Length > 0 ? EventKey.Of(device, eventId) : "",
        Device = device,
        EventId = eventId,
        Seen = seen,
    };

    private static string KeyOf(string subject) => subject[(subject.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
