using System.Collections.Concurrent;
using Dapr.Actors;
using Dapr.Actors.Client;

namespace Lepton.Workflows.Actors;

/// <summary>Calls to this node's twins and gate keepers. Weakly typed: plain JSON, which anyone can send with curl as well.</summary>
internal sealed class Residents(IActorProxyFactory proxies, NodeIdentity node)
{
    private const int MostRemembered = 10_000;

    /// <summary>Twins whose baseline is complete: their events need not carry signals any more. A forgotten one costs a few bytes more once.</summary>
    private readonly ConcurrentDictionary<(string Device, string Pipeline), bool> complete = new();

    public bool NeedsSignals(string device, string pipeline) => !complete.ContainsKey((device, pipeline));

    public async Task ObserveAsync(string device, Observation observation, CancellationToken cancellationToken)
    {
        var note = await Twin(device).InvokeMethodAsync<Observation, TwinNote>(nameof(IDeviceTwin.ObserveAsync), observation, cancellationToken).ConfigureAwait(false);
        if (note is { BaselineFrozen: true })
        {
            if (complete.Count >= MostRemembered)
            {
                complete.Clear();
            }

            complete[(device, observation.Pipeline)] = true;
        }
    }

    public Task CorrectAsync(string device, TwinCorrection correction, CancellationToken cancellationToken) =>
        Twin(device).InvokeMethodAsync(nameof(IDeviceTwin.CorrectAsync), correction, cancellationToken);

    public Task<Dictionary<string, float[]>?> BaselineAsync(string device, string pipeline, CancellationToken cancellationToken) =>
        Twin(device).InvokeMethodAsync<string, Dictionary<string, float[]>?>(nameof(IDeviceTwin.BaselineAsync), pipeline, cancellationToken);

    public Task<TwinView> TwinAsync(string device, CancellationToken cancellationToken) =>
        Twin(device).InvokeMethodAsync<TwinView>(nameof(IDeviceTwin.ReadAsync), cancellationToken);

    public Task FeedBackAsync(string pipeline, GateNote note, CancellationToken cancellationToken) =>
        Gate(pipeline).InvokeMethodAsync(nameof(IGateKeeper.FeedBackAsync), note, cancellationToken);

    public Task AlarmAsync(string pipeline, GateAlarm alarm, CancellationToken cancellationToken) =>
        Gate(pipeline).InvokeMethodAsync(nameof(IGateKeeper.AlarmAsync), alarm, cancellationToken);

    /// <summary>What a gate's keeper has learned since the given version; null when nothing.</summary>
    public Task<GateNews?> GateAsync(string pipeline, long version, CancellationToken cancellationToken) =>
        Gate(pipeline).InvokeMethodAsync<long, GateNews?>(nameof(IGateKeeper.ReadAsync), version, cancellationToken);

    private ActorProxy Twin(string device) => proxies.Create(new ActorId(DeviceId.Of(device)), node.TwinType);

    private ActorProxy Gate(string pipeline) => proxies.Create(new ActorId(pipeline), node.GateType);
}
