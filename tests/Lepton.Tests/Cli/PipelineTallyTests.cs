using Lepton.Cli.Checking;
using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;

namespace Lepton.Tests.Cli;

public sealed class PipelineTallyTests
{
    private readonly PipelineTally tally = new("abnormal");

    [Fact]
    public void An_event_without_result_waits_and_one_with_a_final_result_does_not()
    {
        tally.Acknowledge(Events.Published("1"));
        tally.Acknowledge(Events.Published("2"));
        tally.See(Events.Seen(Events.Answer("2", "normal")));
        var figures = tally.Read();
        Assert.Equal((2, 1, 1, 1), (figures.Events, figures.Answered, figures.Pending, figures.Unanswered));
    }

    [Fact]
    public void A_result_seen_before_its_ledger_line_counts_once()
    {
        tally.See(Events.Seen(Events.Answer("1", "normal"), 40));
        tally.Acknowledge(Events.Published("1"));
        var figures = tally.Read();
        Assert.Equal((1, 1, 0), (figures.Events, figures.Answered, figures.Pending));
        Assert.InRange(figures.LatencyMs.P50!.Value, 39, 41);
    }

    [Fact]
    public void The_same_revision_again_is_no_duplicate()
    {
        tally.See(Events.Seen(Events.Answer("1", "normal")));
        tally.See(Events.Seen(Events.Answer("1", "normal"), 9000));
        Assert.Equal(0, tally.Read().Duplicated);
        Assert.Equal(1, tally.AnsweredByDevice[Events.Device]);
    }

    [Fact]
    public void The_same_revision_with_another_content_is_a_duplicate()
    {
        tally.See(Events.Seen(Events.Answer("1", "normal")));
        tally.See(Events.Seen(Events.Answer("1", "normal") with { DecidedAt = Events.Start.AddSeconds(1) }));
        Assert.Equal(1, tally.Read().Duplicated);
    }

    [Fact]
    public void A_correction_that_overtakes_its_first_answer_ends_the_event_all_the_same()
    {
        tally.Acknowledge(Events.Published("1", "abnormal"));
        tally.See(Events.Seen(Events.Correction("1", "abnormal")));
        tally.See(Events.Seen(Events.Answer("1", "normal", provisional: true)));
        var figures = tally.Read();
        Assert.Equal((1, 1, 1, 0), (figures.Escalated, figures.Corrected, figures.Changed, figures.Pending));
        Assert.Equal(new BeforeAfter(0, 1), figures.Accuracy);
    }

    [Fact]
    public void An_escalation_that_ends_without_a_verdict_is_unresolved_and_neither_corrected_nor_pending()
    {
        tally.Acknowledge(Events.Published("1"));
        tally.See(Events.Seen(Events.Answer("1", "normal", provisional: true)));
        Assert.Equal(1, tally.Read().Pending);
        tally.See(Events.Seen(Events.Correction("1", "normal", ReasonNames.Expired)));
        var figures = tally.Read();
        Assert.Equal((0, 1, 0), (figures.Corrected, figures.Unresolved, figures.Pending));
    }

    [Fact]
    public void A_rejection_is_a_reasoned_end()
    {
        tally.Acknowledge(Events.Published("1"));
        var rejection = new Rejection { Pipeline = "beats", Device = Events.Device, EventId = "1", Reason = "signal", Message = "too short", RejectedAt = Events.Start };
        tally.See(Sighting.Of(rejection, Events.Start));
        tally.See(Sighting.Of(rejection, Events.Start));
        var figures = tally.Read();
        Assert.Equal((1, 0, 0, 0), (figures.DeadLettered, figures.Pending, figures.Unanswered, figures.Abandoned));
    }

    [Fact]
    public void A_dead_letter_without_a_reason_waits_for_nothing_but_is_abandoned()
    {
        tally.Acknowledge(Events.Published("1"));
        tally.See(Sighting.OfDeadLetter("beats", Events.Device, "1", Events.Start));
        var figures = tally.Read();
        Assert.Equal((1, 0, 1), (figures.DeadLettered, figures.Pending, figures.Abandoned));
    }

    [Fact]
    public void Accuracy_compares_first_and_last_answers_with_the_truth()
    {
        // Edge: hit, missed, false alarm, right normal. Both wrong ones are escalated and corrected.
        See("1", "abnormal", "abnormal", null);
        See("2", "abnormal", "normal", "abnormal");
        See("3", "normal", "abnormal", "normal");
        See("4", "normal", "normal", null);
        tally.See(Events.Seen(Events.Answer("no truth", "normal")));
        var figures = tally.Read();
        Assert.Equal(new BeforeAfter(0.5, 1), figures.Accuracy);
        Assert.Equal(new BeforeAfter(0.5, 1), figures.Sensitivity);
        Assert.Equal(new BeforeAfter(0.5, 1), figures.Specificity);
    }

    [Fact]
    public void Without_truth_there_is_no_accuracy()
    {
        tally.Acknowledge(Events.Published("1"));
        tally.See(Events.Seen(Events.Answer("1", "normal")));
        Assert.Equal(new BeforeAfter(null, null), tally.Read().Accuracy);
    }

    [Fact]
    public void Old_closed_events_are_forgotten_within_the_bound_and_stay_counted()
    {
        var small = new PipelineTally(null, most: 10);
        for (var i = 0; i < 100; i++)
        {
            small.Acknowledge(Events.Published($"{i}"));
            small.See(Events.Seen(Events.Answer($"{i}", "normal")));
        }

        Assert.Equal((100, 0), (small.Read().Events, small.Read().Pending));
    }

    private void See(string id, string truth, string edge, string? final)
    {
        tally.Acknowledge(Events.Published(id, truth));
        tally.See(Events.Seen(Events.Answer(id, edge, provisional: final is not null)));
        if (final is not null)
        {
            tally.See(Events.Seen(Events.Correction(id, final)));
        }
    }
}
