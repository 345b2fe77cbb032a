using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Actors;

/// <summary>A call for an actor's app, whoever makes it. Header names and values, and the body, pass as they came.</summary>
/// <param name="Path">What follows the actor's id, escaped: `method/m`, `method/remind/r`, `method/timer/t`.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Headers">The headers to send.</param>
/// <param name="Body">The body.</param>
internal sealed record ActorCall(string Path, string Query, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    internal const string ReentrancyHeader = "Dapr-Reentrancy-Id";

    private static readonly KeyValuePair<string, string>[] JsonHeaders = [new("Content-Type", "application/json")];

    /// <summary>A reminder or timer that fires.</summary>
    internal static ActorCall Json(string path, ReadOnlyMemory<byte> body) => new(path, "", JsonHeaders, body) { Fires = true };

    internal bool Fires { get; private init; }

    internal string? Reentrancy => Headers.FirstOrDefault(header => header.Key.Equals(ReentrancyHeader, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>An app's answer of status 200.</summary>
internal sealed record ActorReply(IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body)
{
    internal bool CancelsReminder => Headers.Any(header => header.Key.Equals("X-DaprReminderCancel", StringComparison.OrdinalIgnoreCase) && header.Value is [var word, ..] && Truth.IsOn(word));

    /// <summary>Whether it tells of an error of the application itself.</summary>
    internal bool IsError => Headers.Any(static header => header.Key.Equals("X-DaprErrorResponseHeader", StringComparison.OrdinalIgnoreCase));
}
