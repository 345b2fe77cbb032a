namespace Lepton.Sidecar.Timing;

/// <summary>
/// A clock that runs with the system's and can leap ahead: what is due meanwhile (timers of workflows, reminders, retries, expiry) comes at once,
/// each once, while sockets and the apps go on in real time.
/// </summary>
public sealed class VirtualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly HashSet<LeapTimer> armed = [];
    private TimeSpan ahead;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * System.TimestampFrequency);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LeapTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Leaps ahead and fires what became due. It returns at once: wait for the effect you expect.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: time never goes back.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (gate)
        {
            ahead += by;
            foreach (var timer in armed) timer.Rearm();
        }
    }

    private TimeSpan Ahead
    {
        get
        {
            lock (gate) return ahead;
        }
    }

    private sealed class LeapTimer : ITimer
    {
        // Timers of the system cannot wait longer than about 49 days.
        private static readonly TimeSpan Longest = TimeSpan.FromDays(40);
        private readonly VirtualClock clock;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly Timer inner;
        private DateTimeOffset due;
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        internal LeapTimer(VirtualClock clock, TimerCallback callback, object? state)
        {
            (this.clock, this.callback, this.state) = (clock, callback, state);
            inner = new Timer(static timer => ((LeapTimer)timer!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                this.period = period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    clock.armed.Remove(this);
                    return inner.Change(dueTime, Timeout.InfiniteTimeSpan);
                }
                due = clock.GetUtcNow() + dueTime;
                clock.armed.Add(this);
                return Rearm();
            }
        }

        internal bool Rearm()
        {
            var wait = due - clock.GetUtcNow();
            return inner.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Longest ? wait : Longest, Timeout.InfiniteTimeSpan);
        }

        private void Ring()
        {
            lock (clock.gate)
            {
                // A leap may have armed it anew while it rang: it fires once.
                if (!clock.armed.Contains(this)) return;
                if (clock.GetUtcNow() is var now && due > now)
                {
                    Rearm();
                    return;
                }
                if (period <= TimeSpan.Zero)
                {
                    clock.armed.Remove(this);
                }
                else
                {
                    due = now + period;
                    Rearm();
                }
            }
            callback(state);
        }

        public void Dispose()
        {
            lock (clock.gate) clock.armed.Remove(this);
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
