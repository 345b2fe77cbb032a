using Lepton.Contracts.Events;
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
        var second = Revision.Second(First(Edge), "answered", Verdict(label), null, Noon.AddMinutes(1));
        Assert.Equal(("p/k/2", "p/k", 2, "p/k/1", "final"), (second.Id, second.Subject, second.Revision, second.Supersedes, second.Status));
        Assert.Equal([reason, "uncertain"], second.Reasons);
        Assert.Equal((label, "cloud"), (second.Answer!.Label, second.Answer.Tier));
        Assert.Equal(Noon.AddMinutes(1), second.DecidedAt);
    }

    [Fact]
    public void Without_a_verdict_the_published_answer_stays_and_the_end_is_reasoned()
    {
        var expired = Revision.Second(First(Edge), "expired", null, null, Noon);
        Assert.Equal(("low", "expired"), (expired.Answer!.Label, expired.Reasons[0]));
        var refused = Revision.Second(First(null), "refused", null, "too flat", Noon);
        Assert.Equal(("refused", "too flat"), (refused.Reasons[0], refused.Detail));
        Assert.Null(refused.Answer);
    }
}
