namespace Lepton.Sidecar.Resiliency;

/// <summary>Counts what a target answers and leaves it alone for a while once the trip expression holds.</summary>
internal sealed class CircuitBreaker(BreakerPolicy policy, TimeProvider time)
{
    private enum Position { Closed, Open, HalfOpen }

    private readonly Lock gate = new();
    private Position position;
    private long openedAt;
    private long clearedAt = time.GetTimestamp();
    private long round;
    private long requests, successes, failures, successRun, failureRun;

    /// <summary>Lets a call go now or says why not; each call let through must end in <see cref="Report"/>, with the round it began in.</summary>
    internal Refusal Enter(out long begun)
    {
        lock (gate)
        {
            Advance();
            begun = round;
            if (position == Position.Open) return Refusal.BreakerOpen;
            if (position == Position.HalfOpen && requests >= Math.Max(1, policy.MaxRequests)) return Refusal.BreakerBusy;
            requests++;
            return Refusal.None;
        }
    }

    /// <summary>Tells how a call ended. One that began before the breaker changed, or cleared its counts, says nothing about the target as it is now.</summary>
    internal void Report(long begun, bool good)
    {
        lock (gate)
        {
            Advance();
            if (begun != round) return;
            if (good)
            {
                successes++;
                successRun++;
                failureRun = 0;
                if (position == Position.HalfOpen && successRun >= Math.Max(1, policy.MaxRequests))
                {
                    position = Position.Closed;
                    Clear();
                }
                return;
            }
            failures++;
            failureRun++;
            successRun = 0;
            if (position == Position.HalfOpen || (position == Position.Closed && Trips()))
            {
                position = Position.Open;
                openedAt = time.GetTimestamp();
                Clear();
            }
        }
    }

    private bool Trips()
    {
        try
        {
            return policy.Trip.Holds(name => (object)(name switch
            {
                "requests" => requests,
                "totalSuccesses" => successes,
                "totalFailures" => failures,
                "consecutiveSuccesses" => successRun,
                "consecutiveFailures" => failureRun,
                _ => throw new Cel.CelException($"'{name}' is not known"),
            }));
        }
        catch (Cel.CelException)
        {
            return false;
        }
    }

    private void Advance()
    {
        if (position == Position.Open && time.GetElapsedTime(openedAt) >= policy.Timeout)
        {
            position = Position.HalfOpen;
            Clear();
        }
        if (position == Position.Closed && policy.Interval > TimeSpan.Zero && time.GetElapsedTime(clearedAt) >= policy.Interval) Clear();
    }

    private void Clear()
    {
        round++;
        requests = successes = failures = successRun = failureRun = 0;
        clearedAt = time.GetTimestamp();
    }
}
