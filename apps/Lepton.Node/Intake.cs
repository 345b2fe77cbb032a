using Lepton.Contracts.Resources;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Lanes;
using Lepton.Workflows.Pipelines;

namespace Lepton.Node;

/// <summary>Takes events in, from a topic or from a caller, and sends them down the lane of their pipeline.</summary>
internal sealed class Intake(ExpressLane express, DurableLane durable, DeadLetters deadLetters, TimeProvider time)
{
    /// <summary>A delivery of a topic: true for every event that need not come again. Rejected ones are on the dead-letter topic then.</summary>
    public async Task<bool[]> TakeAsync(Tier tier, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var handled = await TakeAsync(tier, [.. events.Select(each => AdmissionDesk.Admit(tier.Pipeline, each, now))], cancellationToken);
        var rejections = handled.Select(each => each.Rejection).OfType<Contracts.Events.Rejection>().ToList();
        var buried = await deadLetters.SendAsync(tier.Pipeline.Name, rejections, cancellationToken);
        return [.. handled.Select(each => each.Accepted && (buried || each.Rejection is null))];
    }

    /// <summary>Events with what became of each.</summary>
    public async Task<Handled[]> TakeAsync(Tier tier, IReadOnlyList<Admitted> arrivals, CancellationToken cancellationToken)
    {
        var admitted = arrivals.Select(arrival => arrival.Event).OfType<AdmittedEvent>().ToList();
        var results = admitted.Count == 0 ? []
            : tier.Pipeline.Durability == Durability.Event ? await durable.RunAsync(tier, admitted, cancellationToken)
            : await express.RunAsync(tier, admitted, cancellationToken);
        var next = 0;
        return [.. arrivals.Select(arrival => arrival.Rejection is { } rejection ? Handled.Rejected(rejection) : results[next++])];
    }
}
