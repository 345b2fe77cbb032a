using System.Collections.Concurrent;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>The hubs of a run by app id: workflows reach activities and children of other apps through it.</summary>
internal sealed class TaskHubs
{
    private readonly ConcurrentDictionary<string, TaskHub> hubs = new(StringComparer.Ordinal);

    internal void Add(TaskHub hub) => hubs[hub.AppId] = hub;

    internal TaskHub? Find(string appId) => hubs.GetValueOrDefault(appId);
}
