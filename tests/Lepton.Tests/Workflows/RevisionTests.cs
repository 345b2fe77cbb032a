using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Tests.Workflows;

public sealed class RevisionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Answer Edge = new() { Tier = "edge", Model = "e/1", Label = "low", Scores = [0.6, 0.4], Labels = ["low", "high"] };

    private static EventRecord First(Answer? shown) => new()
    {
        Local = Edge,
        Result = new Result
        {
            Id = "p/k/1", Subject = "p/k", Revision = 1, Pipeline = "p", Device = "d", EventId = "7", EventTime = Noon, DecidedAt = Noon,
            Status = Result.Provisional, Decision = "provisionalAndEscalate", Reasons = ["uncertain"], Answer = shown,
        },
    };

    private static Verdict Verdict(string label) => new() { Id = "p/k", By = "lepton-cloud", At = Noon, Answer = Edge with { Tier = "cloud", Label = label } };

    [Theory]
    [InlineData("low", "confirmed")]
    [InlineData("high", "corrected")]
    public void A_verdict_becomes_the_answer_of_revision_2(string label, string reason)
    {
        var second = Revision.Second(First(Edge), "answered", Verdict(label), null, new Tolerance(0), Noon.AddMinutes(1));
        Assert.Equal(("p/k/2", "p/k", 2, "p/k/1", "final"), (second.Id, second.Subject, second.Revision, second.Supersedes, second.Status));
        Assert.Equal([reason, "uncertain"], second.Reasons);
        Assert.Equal((label, "cloud"), (second.Answer!.Label, second.Answer.Tier));
        Assert.Equal(Noon.AddMinutes(1), second.DecidedAt);
    }

    [Fact]
    public void Without_a_verdict_the_published_answer_stays_and_the_end_is_reasoned()
    {
        var expired = Revision.Second(First(Edge), "expired", null, null, new Tolerance(0), Noon);
        Assert.Equal(("low", "expired"), (expired.Answer!.Label, expired.Reasons[0]));
        var refused = Revision.Second(First(null), "refused", null, "too flat", new Tolerance(0), Noon);
        Assert.Equal(("refused", "too flat"), (refused.Reasons[0], refused.Detail));
        Assert.Null(refused.Answer);
    }

    [Fact]
    public void A_label_is_completed_by_the_verdict()
    {
        var draft = new Label(7, 1, 2, Designation.Shadow, 0.8f, 0, Label.Missing, Accepted: false);
        Label Of(Answer? shown, string ending, string? verdict) => Revision.Label(
            First(shown) with { Label = draft }, Revision.Second(First(shown), ending, verdict is null ? null : Verdict(verdict), null, new Tolerance(0), Noon), new Tolerance(0))!.Value;

        Assert.Equal(draft with { Reference = 0, CriticalScore = 0.6f }, Of(Edge, "answered", "low"));
        Assert.Equal(draft with { Reference = 1, CriticalScore = 0.4f }, Of(Edge, "answered", "high"));
        Assert.True(Of(Edge, "answered", "elsewhere").Wrong);
        var expired = Of(Edge, "expired", null);
        Assert.True(expired is { Wrong: true, Lost: true, Denied: Reasons.ParkTtl }, "no verdict came, and the answer had been given");
        Assert.True(Of(null, "expired", null) is { Wrong: true, Lost: false }, "no verdict came, but no answer had been given either");
        Assert.Null(Revision.Label(First(Edge), Revision.Second(First(Edge), "expired", null, null, new Tolerance(0), Noon), new Tolerance(0)));
    }

    [Theory]
    [InlineData("accept", "confirmed", false)]
    [InlineData("accept", "expired", false)]
    [InlineData("accept", "corrected", true)]
    [InlineData("provisionalAndEscalate", "confirmed", true)]
    [InlineData("park", "expired", true)]
    public void Subscribers_hear_of_an_audit_only_when_it_corrects(string decision, string reason, bool heard) =>
        Assert.Equal(heard, Revision.IsNews(First(Edge).Result with { Decision = decision, Reasons = [reason, "shadow", "confident"] }));
}
