using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>
/// A budget of two fifths of what the gate wants: by price, or first come, first served. The price goes by the best estimate at hand of how likely an answer is wrong.
/// </summary>
internal sealed class BudgetStudy
{
    private const int Events = 20_000;
    private const int Labels = 2000;
    private const double Share = 0.4;
    private readonly PoolEvent[] events;
    private readonly PoolHead head;
    private readonly double threshold;
    private readonly ErrorCurve curve;

    public BudgetStudy(Pool pool, int seed)
    {
        var random = new Random(seed);
        head = PoolHead.Choose(pool, PoolStudy.Alpha);

        // Heads are fitted on the other half, and what calibrates is not run again.
        PoolEvent[] rest = [.. pool.Events.Where(one => one.Part == HeadPart.Calibrates)];
        random.Shuffle(rest);
        var labels = rest.Take(Math.Min(Labels, rest.Length / 2)).Select((one, i) => new Label((ulong)i, i, 0, Designation.Cold, (float)head.Doubt(one), one.Reading.Predicted, one.Reference, false)).ToArray();
        threshold = Calibration.Of(labels.Length, [.. labels.Where(label => label.Wrong).Select(label => (double)label.Doubt).Order()], new(PoolStudy.Alpha)).Threshold;
        curve = ErrorCurve.Of(labels, pool.Classes);
        events = [.. Enumerable.Range(0, Events).Select(_ => rest[random.Next(labels.Length, rest.Length)])];
        Wanted = labels.Count(label => label.Doubt >= threshold) / (double)labels.Length;
    }

    /// <summary>The share of events that the gate wants to escalate.</summary>
    public double Wanted { get; }

    public HeadKind Head => head.Kind;

    public double Risk(bool priced)
    {
        var price = default(Price);
        var bucket = new TokenBucket(Share * Wanted, 20, DateTimeOffset.UnixEpoch);
        var lost = 0;
        for (var i = 0; i < Events; i++)
        {
            var doubt = head.Doubt(events[i]);
            var wanted = doubt >= threshold && (!priced || curve.At(doubt, events[i].Reading.Predicted) >= price.Value);
            var sent = wanted && bucket.TryTake(1, DateTimeOffset.UnixEpoch.AddSeconds(i));
            price = price.After(wanted ? 1 : 0, 1, Share * Wanted);
            lost += !sent && events[i].Wrong ? 1 : 0;
        }

        return (double)lost / Events;
    }

    /// <summary>Knowing all events beforehand, the most doubtful ones get the whole budget.</summary>
    public double Hindsight() => events.OrderByDescending(head.Doubt).Skip((int)(Share * Wanted * Events)).Count(one => one.Wrong) / (double)Events;
}
