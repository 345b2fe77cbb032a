using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>
/// Shares the uplink's bytes among pipelines. The link counts what really crossed it for all pipelines together; the edge node knows how large each
/// pipeline's questions were, which gives the shares. What escalating everything would have cost is each payload in base64 and the measured mean
/// overhead of this pipeline's escalations.
/// </summary>
internal static class Costs
{
    public static IReadOnlyDictionary<string, Uplink> Of(long uplinkBytes, IReadOnlyDictionary<string, long> questions, IReadOnlyDictionary<string, PipelineFigures> pipelines)
    {
        // Until the node has said something, the payloads are the best guess.
        var weights = pipelines.ToDictionary(pair => pair.Key, pair => questions.GetValueOrDefault(pair.Key));
        if (weights.Values.Sum() == 0)
        {
            weights = pipelines.ToDictionary(pair => pair.Key, pair => Base64(pair.Value.EscalatedPayloadBytes));
        }

        var whole = Math.Max(1, weights.Values.Sum());
        return pipelines.ToDictionary(pair => pair.Key, pair => Of((long)((double)uplinkBytes * weights[pair.Key] / whole), pair.Value));
    }

    private static Uplink Of(long bytes, PipelineFigures figures)
    {
        var overhead = figures.Escalated == 0 ? 0 : Math.Max(0, (double)(bytes - Base64(figures.EscalatedPayloadBytes)) / figures.Escalated);
        return new Uplink(bytes, (long)(Base64(figures.PayloadBytes) + (overhead * figures.Events)));
    }

    private static long Base64(long bytes) => (bytes + 2) / 3 * 4;
}
