namespace Lepton.Sidecar.Resiliency;

/// <summary>Counts what a target answers and leaves it alone for a while once the trip expression holds.</summary>
internal sealed class CircuitBreaker(BreakerPolicy policy, TimeProvider time)
{
    private enum Position { Closed, Open, HalfOpen }

    private readonly Lock gate = new();
    private Position position;
    private long openedAt;
    private long clearedAt = time.GetTimestamp();
    private long requests, successes, failures, successRun, failureRun;

    /// <summary>Lets a call go now or says why not; each call let through must end in <see cref="Report"/>.</summary>
    internal Refusal Enter()
    {
        lock (gate)
        {
            if (position == Position.Open && time.GetElapsedTime(openedAt) >= policy.Timeout)
            {
                position = Position.HalfOpen;
                Clear();
            }
            if (position == Position.Closed && policy.Interval > TimeSpan.Zero && time.GetElapsedTime(clearedAt) >= policy.Interval) Clear();
            if (position == Position.Open) return Refusal.BreakerOpen;
            if (position == Position.HalfOpen && requests >= Math.Max(1, policy.MaxRequests)) return Refusal.BreakerBusy;
            requests++;
            return Refusal.None;
        }
    }

    internal void Report(bool good)
    {
        lock (gate)
        {
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
            return policy.Trip.Holds(name => name switch
            {
                "requests" => (double)requests,
                "totalSuccesses" => (double)successes,
                "totalFailures" => (double)failures,
                "consecutiveSuccesses" => (double)successRun,
                "consecutiveFailures" => (double)failureRun,
                _ => throw new Cel.CelException($"'{name}' is not known"),
            });
        }
        catch (Cel.CelException)
        {
            return false;
        }
    }

    private void Clear()
    {
        requests = successes = failures = successRun = failureRun = 0;
        clearedAt = time.GetTimestamp();
    }
}
