namespace Lepton.Sidecar.State;

/// <summary>A stored value. Expired ones are never handed out.</summary>
internal sealed record StateItem(byte[] Value, string ETag, DateTimeOffset? Expires);

/// <summary>One change of a transaction. <paramref name="Key"/> is the whole stored key.</summary>
internal readonly record struct StateChange(string Key, ReadOnlyMemory<byte> Value, bool IsDelete, string? ETag, bool FirstWrite, TimeSpan? Ttl)
{
    internal static StateChange Upsert(string key, ReadOnlyMemory<byte> value, string? etag = null, bool firstWrite = false, TimeSpan? ttl = null) =>
        new(key, value, false, etag, firstWrite, ttl);

    internal static StateChange Delete(string key, string? etag = null, bool firstWrite = false) => new(key, default, true, etag, firstWrite, null);
}

/// <summary>An ETag did not hold (or a first write found the key taken); nothing of its transaction was stored.</summary>
internal sealed class StateConflictException(string message) : Exception(message);
