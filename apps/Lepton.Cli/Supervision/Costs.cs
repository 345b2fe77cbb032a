using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>
/// Shares the uplink's bytes among pipelines. The link counts bytes of all pipelines together, so each gets the base64 of what it escalated and the
/// measured mean overhead of an escalation; what escalating everything would have cost is reckoned in the same way.
/// </summary>
internal static class Costs
{
    public static IReadOnlyDictionary<string, Uplink> Of(long uplinkBytes, IReadOnlyDictionary<string, PipelineFigures> pipelines)
    {
        var escalated = pipelines.Values.Sum(figures => figures.Escalated);
        var payload = pipelines.Values.Sum(figures => Base64(figures.EscalatedPayloadBytes));
        var overhead = escalated == 0 ? 0 : Math.Max(0, (double)(uplinkBytes - payload) / escalated);
        return pipelines.ToDictionary(
            pair => pair.Key,
            pair => new Uplink(
                (long)(Base64(pair.Value.EscalatedPayloadBytes) + (overhead * pair.Value.Escalated)),
                (long)(Base64(pair.Value.PayloadBytes) + (overhead * pair.Value.Events))));
    }

    private static long Base64(long bytes) => (bytes + 2) / 3 * 4;
}
