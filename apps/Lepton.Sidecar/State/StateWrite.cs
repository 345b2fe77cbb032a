namespace Lepton.Sidecar.State;

/// <summary>One save or delete as a caller asked for it, before its key and options are checked.</summary>
internal sealed record StateWrite(string Key, ReadOnlyMemory<byte> Value)
{
    internal bool IsDelete { get; init; }

    /// <summary>The value came as JSON and not as bytes.</summary>
    internal bool IsJson { get; init; }

    internal string? ETag { get; init; }

    internal string? Concurrency { get; init; }

    internal string? Consistency { get; init; }

    internal IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Turns it into a change of the store; gives what is wrong with it, or null.</summary>
    internal string? Check(StateComponent component, out StateChange change)
    {
        change = default;
        if (Concurrency is not (null or "" or "first-write" or "last-write")) return $"unrecognized concurrency model '{Concurrency}'";
        if (Consistency is not (null or "" or "strong" or "eventual")) return $"unrecognized consistency model '{Consistency}'";
        TimeSpan? ttl = null;
        if (!IsDelete && TimeToLive.Read(Metadata, component.InMemory, out ttl) is { } wrong) return wrong;
        var key = component.Key(Key)!;
        // daprd's in-memory store minds first-write on a delete, its other stores do not.
        var firstWrite = Concurrency == "first-write" && (!IsDelete || component.InMemory);
        change = IsDelete ? StateChange.Delete(key, ETag, firstWrite) : StateChange.Upsert(key, Value, ETag, firstWrite, ttl);
        return null;
    }
}

/// <summary>The `ttlInSeconds` of a write.</summary>
internal static class TimeToLive
{
    internal static string? Read(IReadOnlyDictionary<string, string>? metadata, bool inMemory, out TimeSpan? ttl)
    {
        ttl = null;
        if (metadata is null || !metadata.TryGetValue("ttlInSeconds", out var text) || text.Length == 0) return null;
        const string Wrong = "error parsing TTL: incorrect value for metadata 'ttlInSeconds': ";
        if (!long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out var seconds))
        {
            var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
            var cause = digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? "invalid syntax" : "value out of range";
            return inMemory ? $"strconv.Atoi: parsing \"{text}\": {cause}" : $"{Wrong}strconv.ParseInt: parsing \"{text}\": {cause}";
        }
        if (!inMemory && (seconds < -1 || seconds > int.MaxValue)) return $"{Wrong}must be -1 or greater";
        if (seconds > 0) ttl = TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
        return null;
    }
}
