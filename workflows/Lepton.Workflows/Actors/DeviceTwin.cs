using Dapr.Actors.Runtime;
using Lepton.Workflows.Pipelines;

namespace Lepton.Workflows.Actors;

/// <summary>
/// One device, across restarts and nodes. Per pipeline it holds a page of counts, the keys counted (at most 32 KiB) and, where the pipeline asks
/// for it, a baseline (at most 192 KiB of events while its window is open, then one event's size).
/// </summary>
internal sealed class DeviceTwin(ActorHost host, PipelineBook book) : Actor(host), IDeviceTwin
{
    private readonly Dictionary<string, SeenKeys> seen = [];
    private readonly Dictionary<string, BaselineSlots> baselines = [];

    public async Task<TwinNote> ObserveAsync(Observation observation)
    {
        var fresh = await Seen("seen", observation.Pipeline).AddAsync(observation.Sightings.Select(sighting => sighting.Key));
        var page = await PageAsync(observation.Pipeline);
        if (fresh.Count == 0)
        {
            return new TwinNote(page.BaselineFrozen);
        }

        foreach (var sighting in observation.Sightings)
        {
            // The youngest by its own time, so that the order of arrival does not matter.
            if (fresh.Contains(sighting.Key) && (page.Last is null || sighting.Time >= page.Last.Time))
            {
                page = page with { Last = new LastAnswer(sighting.Key, sighting.Time, sighting.Label) };
            }
        }

        page = page with { Events = page.Events + fresh.Count, BaselineFrozen = page.BaselineFrozen || await LearnAsync(observation, fresh) };
        await SavePageAsync(observation.Pipeline, page);
        return new TwinNote(page.BaselineFrozen);
    }

    public async Task CorrectAsync(TwinCorrection correction)
    {
        if ((await Seen("ended", correction.Pipeline).AddAsync([correction.Key])).Count == 0)
        {
            return;
        }

        var page = await PageAsync(correction.Pipeline);
        await SavePageAsync(correction.Pipeline, page with
        {
            Ended = page.Ended + 1,
            Corrected = page.Corrected + (correction.Changed ? 1 : 0),
            Last = page.Last is { } last && last.Key == correction.Key ? last with { Label = correction.Label ?? last.Label } : page.Last,
        });
    }

    public async Task<Dictionary<string, float[]>?> BaselineAsync(string pipeline)
    {
        if (book.Find(pipeline) is not { Baseline: { } plan } known)
        {
            return null;
        }

        var baseline = await BaselineOf(pipeline).ReadAsync();
        return baseline.Read(plan.Signals, known.Source.Signals);
    }

    public async Task<TwinView> ReadAsync()
    {
        var pages = new Dictionary<string, TwinPage>();
        foreach (var pipeline in book.Names)
        {
            var page = await StateManager.TryGetStateAsync<TwinPage>("page-" + pipeline);
            if (page.HasValue)
            {
                pages[pipeline] = page.Value;
            }
        }

        return new TwinView(DeviceId.Read(Id.GetId()), pages);
    }

    // A failed turn is not saved: what was remembered in memory meanwhile must go as well.
    protected override Task OnActorMethodFailedAsync(ActorMethodContext actorMethodContext, Exception e)
    {
        seen.Clear();
        baselines.Clear();
        return Task.CompletedTask;
    }

    private async Task<bool> LearnAsync(Observation observation, HashSet<string> fresh) =>
        book.Find(observation.Pipeline)?.Baseline is { } plan
        && await BaselineOf(observation.Pipeline).LearnAsync(observation.Sightings.Where(sighting => fresh.Contains(sighting.Key)), plan.Window);

    private BaselineSlots BaselineOf(string pipeline) =>
        baselines.TryGetValue(pipeline, out var slots) ? slots : baselines[pipeline] = new BaselineSlots(StateManager, "baseline-" + pipeline);

    private SeenKeys Seen(string kind, string pipeline)
    {
        var name = $"{kind}-{pipeline}";
        return seen.TryGetValue(name, out var keys) ? keys : seen[name] = new SeenKeys(StateManager, name);
    }

    private async Task<TwinPage> PageAsync(string pipeline)
    {
        var page = await StateManager.TryGetStateAsync<TwinPage>("page-" + pipeline);
        return page.HasValue ? page.Value : new TwinPage();
    }

    private Task SavePageAsync(string pipeline, TwinPage page) => StateManager.SetStateAsync("page-" + pipeline, page);
}
