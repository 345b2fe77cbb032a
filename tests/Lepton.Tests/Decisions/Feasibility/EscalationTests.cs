using Lepton.Cli.Gates.Benchmark;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Tests.Decisions.Feasibility;

public sealed class EscalationTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly LinkEstimate Link = new(0.05, 0.01, 1e6);
    private static readonly LinkEstimate Down = Link.AfterFailure().AfterFailure().AfterFailure();
    private static readonly Circumstances Fine = new(Now, Now.AddSeconds(10), 20_000, Link, BudgetView.Unlimited);
    private static readonly EscalationPolicy Strict = new(ProvisionalAnswers.Never, RejectWhenUnsure: true, TimeSpan.Zero);
    private static readonly EscalationPolicy Lenient = new(ProvisionalAnswers.WhenLate, RejectWhenUnsure: false, TimeSpan.FromMinutes(5));

    [Fact]
    public void A_confident_answer_is_accepted_whatever_the_link() =>
        Is(Disposition.Accept, "confident", Escalation.Decide(Ruling(Reasons.Confident), Fine with { Link = Down }, Strict));

    [Fact]
    public void An_uncertain_one_is_escalated_when_all_allows()
    {
        var decision = Escalation.Decide(Ruling(Reasons.Uncertain), Fine, Strict);
        Is(Disposition.EscalateNow, "uncertain", decision);
        Assert.Equal(20_000, decision.Bytes);
        Assert.Equal(0.02 + 0.05 + 0.04, decision.EscalationSeconds, 1e-9);
    }

    [Fact]
    public void A_shadow_event_is_answered_at_once_and_sent_for_its_label()
    {
        var ruling = Ruling(Reasons.Confident | Reasons.Shadow, Designation.Shadow);
        var decision = Escalation.Decide(ruling, Fine, Strict);
        Is(Disposition.Accept, "shadow,confident", decision);
        Assert.True(decision.LabelToo);
        Assert.False(decision.Degraded);
        Assert.True(Escalation.Decide(ruling, Fine with { Link = Down }, Strict).LabelToo, "a label can wait for the link, as escalations do");
        Assert.False(Escalation.Decide(ruling, Fine with { QueueFull = true }, Strict).LabelToo);
    }

    [Theory]
    [InlineData(50_000, true)]
    [InlineData(10_000, false)]
    public void Whether_a_shadow_event_counts_depends_on_the_reserve_and_never_on_its_doubt(double reserve, bool counts)
    {
        var given = Fine with { Budget = new BudgetView(1e6, reserve, 0, 20_000) };
        foreach (var need in new[] { Reasons.Confident, Reasons.Uncertain, Reasons.NovelInput, Reasons.BreakerOpen })
        {
            Assert.Equal(counts, Escalation.Decide(Ruling(need | Reasons.Shadow, Designation.Shadow), given, Strict).Sampled);
        }
    }

    [Fact]
    public void A_shadow_event_fares_as_any_other_so_that_its_label_tells_what_a_denied_budget_costs()
    {
        var poor = Fine with { Budget = new BudgetView(1000, 50_000, 0, 20_000) };
        var degraded = Escalation.Decide(Ruling(Reasons.Uncertain | Reasons.Shadow, Designation.Shadow), poor, Strict with { RejectWhenUnsure = false });
        Is(Disposition.Accept, "uncertain,shadow,budgetDenied,parkTtl", degraded);
        Assert.True(degraded is { LabelToo: true, FromReserve: true, Degraded: true, Sampled: true });
        var label = Ruling(Reasons.Uncertain | Reasons.Shadow, Designation.Shadow).Label(1, 1, [], degraded.Denied);
        Assert.True(label.Lost);
    }

    [Fact]
    public void Without_a_link_it_waits_or_is_answered_provisionally_or_is_rejected()
    {
        var down = Fine with { Link = Down };
        var parked = Escalation.Decide(Ruling(Reasons.Uncertain), down, Lenient with { Provisional = ProvisionalAnswers.Never });
        Is(Disposition.Park, "uncertain,linkDown", parked);
        Assert.Equal(down.Deadline, parked.ParkUntil);
        Is(Disposition.ProvisionalAndEscalate, "uncertain,linkDown", Escalation.Decide(Ruling(Reasons.Uncertain), down, Lenient));
        Is(Disposition.Reject, "uncertain,linkDown,parkTtl", Escalation.Decide(Ruling(Reasons.Uncertain), down, Strict));
        var degraded = Escalation.Decide(Ruling(Reasons.Uncertain), down, Lenient with { Provisional = ProvisionalAnswers.Never, ParkFor = TimeSpan.Zero });
        Is(Disposition.Accept, "uncertain,linkDown,parkTtl", degraded);
        Assert.True(degraded.Degraded);
        Assert.True(degraded.Denied.HasFlag(Reasons.LinkDown));
    }

    [Fact]
    public void A_degraded_link_is_still_tried() => Is(Disposition.EscalateNow, "uncertain", Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { Link = Link.AfterFailure() }, Strict));

    [Fact]
    public void A_verdict_that_would_come_too_late_is_asked_for_only_after_a_provisional_answer()
    {
        var tight = Fine with { Deadline = Now.AddMilliseconds(100) };
        Is(Disposition.ProvisionalAndEscalate, "uncertain,deadlineTooTight", Escalation.Decide(Ruling(Reasons.Uncertain), tight, Lenient));
        Is(Disposition.Reject, "uncertain,deadlineTooTight", Escalation.Decide(Ruling(Reasons.Uncertain), tight, Strict));
        Is(Disposition.EscalateNow, "uncertain", Escalation.Decide(Ruling(Reasons.Uncertain), tight with { PayloadBytes = 1000 }, Strict));
        Is(Disposition.ProvisionalAndEscalate, "uncertain,deadlineTooTight", Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { CloudService = 2, CloudDeviation = 3 }, Lenient));
    }

    [Fact]
    public void Private_events_stay_here()
    {
        Is(Disposition.Reject, "privacyLocalOnly,uncertain", Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { Privacy = Privacy.LocalOnly }, Strict));
        var kept = Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { Privacy = Privacy.FeaturesOnly }, Lenient);
        Is(Disposition.Accept, "privacyLocalOnly,uncertain", kept);
        Assert.Equal(Reasons.PrivacyLocalOnly, kept.Denied);
        Assert.Equal(400, Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { Privacy = Privacy.FeaturesOnly, FeatureBytes = 400 }, Strict).Bytes);
        Is(Disposition.Accept, "privacyLocalOnly,confident", Escalation.Decide(Ruling(Reasons.Confident), Fine with { Privacy = Privacy.LocalOnly }, Strict));
    }

    [Fact]
    public void Scores_that_cannot_be_believed_are_never_given_as_an_answer()
    {
        Is(Disposition.EscalateNow, "invalidScores", Escalation.Decide(Ruling(Reasons.InvalidScores), Fine, Lenient));
        Is(Disposition.Reject, "invalidScores,privacyLocalOnly", Escalation.Decide(Ruling(Reasons.InvalidScores), Fine with { Privacy = Privacy.LocalOnly }, Lenient));
        Is(Disposition.Park, "invalidScores,linkDown", Escalation.Decide(Ruling(Reasons.InvalidScores), Fine with { Link = Down }, Lenient));
    }

    [Fact]
    public void An_empty_bucket_denies_and_labels_have_their_reserve()
    {
        var poor = Fine with { Budget = new BudgetView(1000, 50_000, 0, 20_000) };
        Is(Disposition.Reject, "uncertain,budgetDenied,parkTtl", Escalation.Decide(Ruling(Reasons.Uncertain), poor, Strict));
        var burst = Escalation.Decide(Ruling(Reasons.RecalibrationBurst, Designation.Burst), poor, Strict);
        Is(Disposition.EscalateNow, "recalibrationBurst", burst);
        Assert.True(burst.FromReserve);
        Is(Disposition.Reject, "recalibrationBurst,budgetDenied,parkTtl", Escalation.Decide(Ruling(Reasons.RecalibrationBurst, Designation.Burst), poor with { Budget = default(BudgetView) with { ReferenceBytes = 1 } }, Strict));
    }

    [Fact]
    public void A_price_admits_only_what_is_worth_it()
    {
        var dear = Fine with { Budget = BudgetView.Unlimited with { Price = 0.3, ReferenceBytes = 20_000 } };
        Is(Disposition.EscalateNow, "uncertain", Escalation.Decide(Ruling(Reasons.Uncertain) with { ErrorProbability = 0.4 }, dear, Strict));
        Is(Disposition.Reject, "uncertain,budgetDenied,parkTtl", Escalation.Decide(Ruling(Reasons.Uncertain) with { ErrorProbability = 0.2 }, dear, Strict));
        Is(Disposition.EscalateNow, "uncertain", Escalation.Decide(Ruling(Reasons.Uncertain) with { ErrorProbability = 0.2 }, dear with { Cost = 2 }, Strict));
        Is(Disposition.EscalateNow, "criticalClass", Escalation.Decide(Ruling(Reasons.CriticalClass) with { ErrorProbability = 0.01 }, dear, Strict));
    }

    [Fact]
    public void A_full_queue_takes_no_more() => Is(Disposition.Reject, "uncertain,queueFull,parkTtl", Escalation.Decide(Ruling(Reasons.Uncertain), Fine with { QueueFull = true }, Strict));

    [Fact]
    public void The_bucket_fills_with_time_and_never_lends()
    {
        var bucket = new TokenBucket(1000, 5000, Now);
        Assert.True(bucket.TryTake(5000, Now));
        Assert.False(bucket.TryTake(1, Now.AddSeconds(-5)));
        Assert.False(bucket.TryTake(2001, Now.AddSeconds(2)));
        Assert.True(bucket.TryTake(2000, Now.AddSeconds(2)));
        Assert.Equal(5000, bucket.Available(Now.AddHours(1)), 1e-6);
    }

    [Fact]
    public void The_link_is_smoothed_as_TCP_does()
    {
        var link = default(LinkEstimate).AfterRoundTrip(0.1).AfterRoundTrip(0.2);
        Assert.Equal(0.1125, link.RoundTrip, 1e-9);
        Assert.Equal((0.75 * 0.05) + (0.25 * 0.1), link.Deviation, 1e-9);
        Assert.Equal(LinkState.Degraded, link.AfterFailure().State);
        Assert.Equal(LinkState.Up, link.AfterFailure().AfterTransfer(1000, 0.001).State);
        Assert.Equal(link.RoundTrip + (4 * link.Deviation), link.SecondsFor(1, 0), 1e-9);
    }

    [Fact]
    public void A_price_spends_the_same_bytes_on_answers_that_are_likelier_wrong()
    {
        // A budget of 0.08 of all events where the gate wants more: the price against whoever comes first.
        (double Sent, double Risk) Run(bool priced)
        {
            var stream = new ScoreStream(10, 21);
            Label[] labels = [.. Enumerable.Range(0, 2000).Select(_ => stream.Next()).Select((s, i) => new Label((ulong)i, i, 0, Designation.Cold, (float)s.Doubt, s.Predicted, s.Reference, false))];
            var curve = ErrorCurve.Of(labels);
            var price = default(Price);
            const double Share = 0.08;
            var bucket = new TokenBucket(Share, 20, Now);
            int sent = 0, lost = 0, events = 20_000;
            for (var i = 0; i < events; i++)
            {
                var sample = stream.Next();
                var wanted = sample.Doubt > 0.02 && (!priced || curve.At(sample.Doubt) >= price.Value);
                var send = wanted && bucket.TryTake(1, Now.AddSeconds(i));
                price = price.After(wanted ? 1 : 0, 1, Share);
                sent += send ? 1 : 0;
                lost += !send && sample.Predicted != sample.Reference ? 1 : 0;
            }

            return ((double)sent / events, (double)lost / events);
        }

        var (fifoSent, fifo) = Run(false);
        var (pricedSent, priced) = Run(true);
        Assert.InRange(pricedSent, 0.9 * fifoSent, 1.001 * fifoSent);
        Assert.True(priced <= 0.8 * fifo, $"{priced} against {fifo}");
    }

    [Fact]
    public void Status_tells_the_smallest_alpha_that_a_budget_buys()
    {
        Label[] labels = [.. Enumerable.Range(0, 1000).Select(i => new Label((ulong)i, i, 0, Designation.Cold, i / 1000f, 0, i >= 900 ? 1 : 0, false))];
        Assert.Equal(BinomialTail.UpperLimit(50, 1000, 0.05), SmallestAlpha.For(labels, 0.05, 0.05), 1e-9);
        Assert.Equal(BinomialTail.UpperLimit(0, 1000, 0.05), SmallestAlpha.For(labels, 0.10, 0.05), 1e-9);
        Assert.Equal(0, SmallestAlpha.For(labels, 1, 0.05));
        Assert.Equal(1, SmallestAlpha.For([], 0.5, 0.05));
    }

    [Fact]
    public void A_budget_is_booked_from_bucket_and_reserve_and_its_price_follows_what_is_wanted()
    {
        var budget = new Budget(1000, 50_000, 20_000, 0.1, Now);
        var policy = Strict;
        Decision At(GateRuling ruling) => Escalation.Decide(ruling, Fine with { Budget = budget.At(Now) }, policy);
        Assert.True(budget.Book(At(Ruling(Reasons.Uncertain)), Now));
        Assert.True(budget.Book(At(Ruling(Reasons.Uncertain)), Now));
        Assert.Equal((5000.0, 5000.0), (budget.At(Now).Bytes, budget.At(Now).ReserveBytes));
        var before = budget.At(Now).Price;
        var denied = At(Ruling(Reasons.Uncertain));
        Assert.Equal((Disposition.Reject, 0L, 20_000L), (denied.Disposition, denied.Bytes, denied.WantedBytes));
        Assert.True(budget.Book(denied, Now));
        Assert.Equal(before + (0.005 * 0.9), budget.At(Now).Price, 1e-9);
        budget.Book(At(Ruling(Reasons.Confident)), Now);
        Assert.Equal(before + (0.005 * 0.8), budget.At(Now).Price, 1e-9);
        Assert.False(budget.Book(denied with { Bytes = 20_000 }, Now));
    }

    private static GateRuling Ruling(Reasons reasons, Designation designation = Designation.None) =>
        new(reasons, 1, 0, designation, 1, new ScoreReading(true, 0.5, 0, 0.6, 0.1, 0.5), 0.5, 0.4, 0.5);

    private static void Is(Disposition disposition, string reasons, Decision decision)
    {
        Assert.Equal(disposition, decision.Disposition);
        Assert.Equal(reasons, string.Join(',', ReasonNames.Of(decision.Reasons)));
    }
}
