using System.Text.Json.Serialization;
using Lepton.Contracts.Events;

namespace Lepton.Cli.Ledger;

/// <summary>One acknowledged publish. The truth stands here and never in the event: only the checker reads it.</summary>
/// <param name="Position">The event's place in its source, counted from 0: where a restarted generator goes on.</param>
/// <param name="Device">The event's source.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Sent">When it was first sent.</param>
/// <param name="Bytes">Size of its payload.</param>
/// <param name="Truth">What is known of it; null where nothing is.</param>
internal sealed record LedgerLine(long Position, string Device, string Id, DateTimeOffset Sent, int Bytes, string? Truth)
{
    [JsonIgnore]
    public string Key => EventKey.Of(Device, Id);
}

/// <summary>The first line of a ledger file: which run it belongs to, and the time of its first event.</summary>
internal sealed record LedgerHead(string Run, string Pipeline, DateTimeOffset Start);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LedgerLine))]
[JsonSerializable(typeof(LedgerHead))]
internal sealed partial class LedgerJson : JsonSerializerContext;
