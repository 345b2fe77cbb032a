namespace Lepton.Sidecar.Resiliency;

/// <summary>When a failed call is made again, and after which pause.</summary>
internal sealed record RetryPolicy
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    internal bool Exponential { get; init; }

    internal TimeSpan Pause { get; init; }

    internal TimeSpan MaxInterval { get; init; }

    /// <summary>Calls after the first; below 0 without end.</summary>
    internal int MaxRetries { get; init; }

    internal CodeRanges? HttpCodes { get; init; }

    internal CodeRanges? GrpcCodes { get; init; }

    /// <summary>The pause before retry number <paramref name="retry"/> (from 0): constant, or 500 ms growing by half with a jitter of half.</summary>
    internal TimeSpan PauseBefore(int retry)
    {
        if (!Exponential) return Pause;
        var grown = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(1.5, Math.Min(retry, 60)), MaxInterval.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(grown * (0.5 + Random.Shared.NextDouble()));
    }

    /// <summary>Whether a failure with a status is one to try again: codes of gRPC and of HTTP are told apart by their size.</summary>
    internal bool Matches(int status) => status switch
    {
        0 => true,
        <= 16 => GrpcCodes?.Holds(status) != false,
        >= 100 and <= 599 => HttpCodes?.Holds(status) != false,
        _ => false,
    };

    internal bool Allows(int retry) => MaxRetries < 0 || retry < MaxRetries;
}

/// <summary>When a target that keeps failing is left alone.</summary>
internal sealed record BreakerPolicy(int MaxRequests, TimeSpan Interval, TimeSpan Timeout, Cel.Expression Trip);

/// <summary>The names a target gives its policies.</summary>
internal sealed record PolicyNames(string? Timeout, string? Retry, string? Breaker)
{
    /// <summary>Of actors: whether each id has a breaker of its own, and whether all ids of the type share one.</summary>
    internal (bool PerId, bool PerType) BreakerScope { get; init; } = (false, true);
}

/// <summary>A Resiliency resource.</summary>
internal sealed class ResiliencyResource(string name)
{
    internal string Name { get; } = name;

    internal Dictionary<string, TimeSpan> Timeouts { get; } = [];

    internal Dictionary<string, RetryPolicy> Retries { get; } = [];

    internal Dictionary<string, BreakerPolicy> Breakers { get; } = [];

    internal Dictionary<string, PolicyNames> Apps { get; } = [];

    internal Dictionary<string, PolicyNames> Actors { get; } = [];

    internal Dictionary<string, PolicyNames> Inbound { get; } = [];

    internal Dictionary<string, PolicyNames> Outbound { get; } = [];

    /// <summary>Takes what another has; of two with one name the other's holds.</summary>
    internal void Take(ResiliencyResource other)
    {
        Over(Timeouts, other.Timeouts);
        Over(Retries, other.Retries);
        Over(Breakers, other.Breakers);
        Over(Apps, other.Apps);
        Over(Actors, other.Actors);
        Over(Inbound, other.Inbound);
        Over(Outbound, other.Outbound);
    }

    private static void Over<T>(Dictionary<string, T> mine, Dictionary<string, T> others)
    {
        foreach (var (name, value) in others) mine[name] = value;
    }
}

/// <summary>Status codes written as "429,500-599".</summary>
internal sealed class CodeRanges
{
    private readonly List<(int From, int To)> ranges = [];

    internal bool Holds(int code)
    {
        foreach (var (from, to) in ranges) if (code >= from && code <= to) return true;
        return false;
    }

    /// <summary>Null when it is no list of codes from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal static CodeRanges? Parse(string text, int least, int most)
    {
        var codes = new CodeRanges();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', 2);
            if (!int.TryParse(ends[0], out var from) || !int.TryParse(ends[^1], out var to) || from < least || to > most || to < from) return null;
            codes.ranges.Add((from, to));
        }
        return codes;
    }
}
