using System.Collections.Concurrent;
using Dapr.Actors;
using Dapr.Actors.Client;

namespace Lepton.Workflows.Actors;

/// <summary>Calls to this node's twins and gate keepers. Weakly typed: plain JSON, which anyone can send with curl as well.</summary>
internal sealed class Residents(IActorProxyFactory proxies, NodeIdentity node)
{
    /// <summary>How long one call of a twin may take; whoever waits for it may give up sooner.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);

    private const int MostRemembered = 10_000;

    /// <summary>Twins whose baseline is complete: their events need not carry signals any more. A forgotten one costs a few bytes more once.</summary>
    private readonly ConcurrentDictionary<(string Device, string Pipeline), bool> complete = new();

    private readonly ConcurrentDictionary<(string Device, string Pipeline), SightingLine> lines = new();

    public bool NeedsSignals(string device, string pipeline) => !complete.ContainsKey((device, pipeline));

    /// <summary>
    /// Tells a twin. One call of a twin is under way at a time, since its turns would follow each other anyway: what comes meanwhile goes with the next.
    /// </summary>
    public Task ObserveAsync(string device, Observation observation, CancellationToken cancellationToken)
    {
        var key = (device, observation.Pipeline);
        while (true)
        {
            var line = lines.GetOrAdd(key, static (key, self) => new SightingLine(sightings => self.ObserveOnceAsync(key.Device, key.Pipeline, sightings), () => self.lines.TryRemove(key, out _)), this);
            if (line.TryJoin(observation.Sightings) is { } told)
            {
                return told.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task ObserveOnceAsync(string device, string pipeline, IReadOnlyList<Sighting> sightings)
    {
        using var limit = new CancellationTokenSource(CallLimit);
        var note = await Twin(device).InvokeMethodAsync<Observation, TwinNote>(nameof(IDeviceTwin.ObserveAsync), new Observation(pipeline, sightings), limit.Token).ConfigureAwait(false);
        if (note is { BaselineFrozen: true })
        {
            if (complete.Count >= MostRemembered)
            {
                complete.Clear();
            }

            complete[(device, pipeline)] = true;
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
