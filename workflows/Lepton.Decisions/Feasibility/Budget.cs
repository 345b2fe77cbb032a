namespace Lepton.Decisions.Feasibility;

/// <summary>A bucket of bytes that fills at a steady rate: what may be sent is limited on average and in bursts. Not safe for use by several threads.</summary>
public sealed class TokenBucket
{
    private readonly double rate;
    private readonly double capacity;
    private double level;
    private DateTimeOffset at;

    /// <summary>A full bucket.</summary>
    /// <param name="bytesPerSecond">How fast it fills.</param>
    /// <param name="capacity">How many bytes it holds.</param>
    /// <param name="now">The time.</param>
    public TokenBucket(double bytesPerSecond, double capacity, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        (rate, this.capacity, level, at) = (bytesPerSecond, capacity, capacity, now);
    }

    /// <summary>Bytes that may be sent now. A clock that goes back neither fills nor empties it.</summary>
    public double Available(DateTimeOffset now)
    {
        if (now > at)
        {
            level = Math.Min(capacity, level + (rate * (now - at).TotalSeconds));
            at = now;
        }

        return level;
    }

    /// <summary>Takes the bytes, if all are there.</summary>
    public bool TryTake(long bytes, DateTimeOffset now)
    {
        if (Available(now) < bytes)
        {
            return false;
        }

        level -= bytes;
        return true;
    }
}

/// <summary>
/// The price of sending one reference payload: it rises while more is sent than budgeted and falls while less is, so that a scarce budget goes to the
/// answers that are likeliest wrong instead of those that come first.
/// </summary>
/// <param name="Value">The price; an escalation is worth it when cost times error probability reaches it.</param>
public readonly record struct Price(double Value)
{
    private const double Step = 0.005;

    /// <summary>The price after one more event.</summary>
    /// <param name="wantedBytes">Bytes that are worth sending at this price, whether or not the bucket had them: what was sent would never exceed the bucket's rate, and the price never rise.</param>
    /// <param name="referenceBytes">Size of the payload that prices are told for.</param>
    /// <param name="share">The share of events, as reference payloads, that the budget pays for.</param>
    public Price After(long wantedBytes, double referenceBytes, double share) => new(Math.Max(0, Value + (Step * ((wantedBytes / referenceBytes) - share))));
}

/// <summary>What of the budget is free at one moment.</summary>
/// <param name="Bytes">In the bucket of escalations.</param>
/// <param name="ReserveBytes">In the reserve that only independent labels draw on.</param>
/// <param name="Price">The price of a reference payload.</param>
/// <param name="ReferenceBytes">Size of a reference payload; above 0.</param>
public readonly record struct BudgetView(double Bytes, double ReserveBytes, double Price, double ReferenceBytes)
{
    /// <summary>No limit at all.</summary>
    public static BudgetView Unlimited => new(double.PositiveInfinity, double.PositiveInfinity, 0, 1);
}

/// <summary>The budget of a pipeline's uplink: a hard limit, a reserve for labels, and a price. Not safe for use by several threads.</summary>
public sealed class Budget
{
    private const double ReserveShare = 0.1;
    private readonly TokenBucket bucket;
    private readonly TokenBucket reserve;
    private readonly double referenceBytes;
    private readonly double share;
    private Price price;

    /// <summary>A budget, of which a tenth is the reserve.</summary>
    /// <param name="bytesPerSecond">What may be sent on average.</param>
    /// <param name="burstBytes">What may be sent at once.</param>
    /// <param name="referenceBytes">Size of a typical payload; above 0.</param>
    /// <param name="share">The share of events that may be sent, at which the price neither rises nor falls.</param>
    /// <param name="now">The time.</param>
    public Budget(double bytesPerSecond, double burstBytes, double referenceBytes, double share, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(referenceBytes);
        (this.referenceBytes, this.share) = (referenceBytes, share);
        bucket = new TokenBucket((1 - ReserveShare) * bytesPerSecond, (1 - ReserveShare) * burstBytes, now);
        reserve = new TokenBucket(ReserveShare * bytesPerSecond, ReserveShare * burstBytes, now);
    }

    /// <summary>What is free now.</summary>
    public BudgetView At(DateTimeOffset now) => new(bucket.Available(now), reserve.Available(now), price.Value, referenceBytes);

    /// <summary>Takes the bytes of an event that has waited for them; false when they are not there yet.</summary>
    public bool TryPay(long bytes, DateTimeOffset now) => bucket.TryTake(bytes, now);

    /// <summary>Books a decision, whatever it was: takes its bytes and moves the price. False when they were no longer there, for nothing is lent.</summary>
    public bool Book(in Decision decision, DateTimeOffset now)
    {
        var bytes = decision.Bytes;
        var paid = bytes == 0 || (decision.FromReserve ? reserve : bucket).TryTake(bytes, now);
        price = price.After(decision.WantedBytes, referenceBytes, share);
        return paid;
    }
}
