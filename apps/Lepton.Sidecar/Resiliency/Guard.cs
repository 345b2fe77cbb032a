namespace Lepton.Sidecar.Resiliency;

/// <summary>How an attempt ended.</summary>
internal enum Verdict
{
    /// <summary>Done, or failed in a way that no repetition mends.</summary>
    Final,

    /// <summary>Failed; may be made again.</summary>
    Failed,

    /// <summary>Failed, and cannot be made again, such as a call whose body has gone out already.</summary>
    Spent,
}

/// <summary>One attempt's end. <paramref name="Status"/> is an HTTP status or a gRPC code for the policy's matching, 0 when there is none.</summary>
internal readonly record struct Attempt<T>(T Result, Verdict Verdict, int Status = 0);

/// <summary>Why a guarded call gave no result of the target.</summary>
internal enum Refusal { None, TimedOut, BreakerOpen, BreakerBusy }

internal static class Refusals
{
    /// <summary>A refusal in daprd's words.</summary>
    internal static string Text(this Refusal refusal) => refusal switch
    {
        Refusal.TimedOut => "context deadline exceeded",
        Refusal.BreakerBusy => "too many requests",
        _ => "circuit breaker is open",
    };
}

/// <summary>The policies of one target: a timeout on each attempt, inside a circuit breaker, inside a retry.</summary>
internal sealed class Guard(TimeSpan? timeout, RetryPolicy? retry, CircuitBreaker? breaker, TimeProvider time)
{
    internal static Guard None { get; } = new(null, null, null, TimeProvider.System);

    /// <summary>A call may be made again, so its body must be kept.</summary>
    internal bool Retries => retry is { MaxRetries: not 0 };

    internal bool Breaks => breaker is not null;

    internal bool Empty => timeout is null && retry is null && breaker is null;

    /// <summary>
    /// Calls until an attempt is final or the policy gives up; the last attempt's result is returned. When the last attempt timed out or the breaker is open
    /// there is no result, and the refusal says which.
    /// </summary>
    internal async Task<(T? Result, Refusal Refusal)> RunAsync<T>(Func<CancellationToken, Task<Attempt<T>>> call, Action<T>? drop, CancellationToken stop)
    {
        for (var made = 0; ; made++)
        {
            var round = 0L;
            if (breaker is not null && breaker.Enter(out round) is var entry && entry != Refusal.None) return (default, entry);
            var (attempt, timedOut) = await OnceAsync(call, stop).ConfigureAwait(false);
            var failed = timedOut || attempt.Verdict != Verdict.Final;
            breaker?.Report(round, !failed);
            if (!failed) return (attempt.Result, Refusal.None);
            var again = retry is not null && retry.Allows(made) && (timedOut || (attempt.Verdict == Verdict.Failed && retry.Matches(attempt.Status)));
            if (!again) return timedOut ? (default, Refusal.TimedOut) : (attempt.Result, Refusal.None);
            if (!timedOut) drop?.Invoke(attempt.Result);
            await Task.Delay(retry!.PauseBefore(made), time, stop).ConfigureAwait(false);
        }
    }

    private async Task<(Attempt<T> Attempt, bool TimedOut)> OnceAsync<T>(Func<CancellationToken, Task<Attempt<T>>> call, CancellationToken stop)
    {
        if (timeout is not { } limit || limit <= TimeSpan.Zero) return (await call(stop).ConfigureAwait(false), false);
        using var timed = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop, timed.Token);
        try
        {
            var attempt = await call(linked.Token).ConfigureAwait(false);
            // A call that turns its cancellation into a result still timed out.
            return (attempt, timed.IsCancellationRequested && attempt.Verdict == Verdict.Failed && attempt.Status == 0);
        }
        catch (OperationCanceledException) when (timed.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return (default, true);
        }
    }
}
