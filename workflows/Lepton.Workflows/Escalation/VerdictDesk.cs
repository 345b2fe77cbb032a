using System.Text.Json;
using Lepton.Contracts.Events;
using Lepton.Decisions.Gates;
using Lepton.Inference;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// Answers the questions of lower tiers with this tier's model. The verdict on an id is given once: it is stored before it is sent, first write wins,
/// and whoever asks again gets the same bytes.
/// </summary>
internal sealed class VerdictDesk(NodeIdentity node, PipelineBook book, RecordStore records, TimeProvider time) : IDisposable
{
    /// <summary>Questions answered at the same time: inference fills the cores, the rest of the time is waiting for the store.</summary>
    private static readonly int MostAtOnce = Math.Max(4, Environment.ProcessorCount * 2);

    /// <summary>Questions that may wait for their turn; one more is sent away with 429, since its asker waits better than we do.</summary>
    private const int MostWaiting = 64;

    private readonly SemaphoreSlim turns = new(MostAtOnce);
    private int present;

    public async Task<DeskAnswer> AnswerAsync(EscalationRequest question, CancellationToken cancellationToken)
    {
        if (book.Tier(question.Pipeline) is not { } tier)
        {
            return new DeskAnswer(404, $"pipeline '{question.Pipeline}' is not served by '{node.AppId}' on tier '{node.Tier}'; it serves {string.Join(", ", book.Names)}: put the pipeline's file and this tier's model there");
        }

        if (question.Id.Length == 0 || question.Id.Contains("||", StringComparison.Ordinal) || question.Device.Length == 0)
        {
            return new DeskAnswer(422, "`id` and `device` must be texts, and an id must not hold '||'; send the subject of the event's result as id");
        }

        if (Interlocked.Increment(ref present) > MostAtOnce + MostWaiting)
        {
            Interlocked.Decrement(ref present);
            return new DeskAnswer(429, $"'{node.AppId}' answers {MostAtOnce} questions at once and {MostWaiting} wait; ask again in a second");
        }

        try
        {
            await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await AnswerAsync(tier, question, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref present);
        }
    }

    /// <summary>The verdict given earlier; null when there is none.</summary>
    public Task<ReadOnlyMemory<byte>?> FindAsync(string escalation, CancellationToken cancellationToken) => records.VerdictAsync(escalation, cancellationToken);

    public void Dispose() => turns.Dispose();

    private async Task<DeskAnswer> AnswerAsync(Tier tier, EscalationRequest question, CancellationToken cancellationToken)
    {
        if (await records.VerdictAsync(question.Id, cancellationToken).ConfigureAwait(false) is { } given)
        {
            return new DeskAnswer(200, null, given);
        }

        var input = EventInput.Read(tier.Pipeline, question.Device, question.ContentType, question.Data, Usable(tier, question.Baseline), out var problem);
        if (input is null)
        {
            return new DeskAnswer(422, problem);
        }

        var outcome = tier.Model.Answer([input])[0];
        if (outcome.Answer is not { } answer || !Disagreement.IsBelievable(answer))
        {
            return new DeskAnswer(422, outcome.Problem ?? $"model '{tier.Model.Model.Id}' answered with scores that are no probabilities");
        }

        var verdict = new Verdict { Id = question.Id, By = node.AppId, Answer = answer, ModelSha256 = tier.Model.Model.Sha256, At = time.GetUtcNow() };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(verdict, ContractJson.Default.Verdict);
        return new DeskAnswer(200, null, await records.RememberVerdictAsync(question.Id, bytes, Results.Revision.Keep(tier.Pipeline), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A baseline helps, its absence does not hurt: one that does not fit the pipeline is left aside.</summary>
    private static IReadOnlyDictionary<string, float[]>? Usable(Tier tier, IReadOnlyDictionary<string, float[]>? baseline) =>
        baseline is not null && baseline.All(signal => tier.Pipeline.Source.Signals.TryGetValue(signal.Key, out var length) && signal.Value.Length == length && signal.Value.All(float.IsFinite))
            ? baseline : null;
}

/// <summary>What the desk says: an HTTP status with a verdict's bytes, or with what is wrong.</summary>
internal sealed record DeskAnswer(int Status, string? Problem, ReadOnlyMemory<byte> Verdict = default);
