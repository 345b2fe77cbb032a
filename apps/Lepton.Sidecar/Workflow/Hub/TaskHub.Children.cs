using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>The children of an instance, as its history names them.</summary>
internal sealed partial class TaskHub
{
    /// <summary>A child, and the app that runs it where it is another one.</summary>
    private readonly record struct Child(string Id, string? App);

    private static Child[] ChildrenOf(LiveInstance instance)
    {
        List<Child>? children = null;
        foreach (var entry in instance.History.Events)
        {
            if (entry.ChildWorkflowInstanceCreated is { } created && children?.Exists(child => child.Id == created.InstanceId) != true)
                (children ??= []).Add(new Child(created.InstanceId, entry.Router is { HasTargetAppID: true, TargetAppID.Length: > 0 } router ? router.TargetAppID : null));
        }
        return children is null ? [] : [.. children];
    }

    /// <summary>The hub of a child; null when its app is not part of the run.</summary>
    private TaskHub? HubOf(Child child) => child.App is null || child.App == AppId ? this : hubs.Find(child.App);

    /// <summary>Names the first of the children, or of theirs, that has not ended; null when all have.</summary>
    private string? RunningAmong(Child[] children, HashSet<string> seen)
    {
        foreach (var child in children)
        {
            if (!seen.Add($"{child.App}/{child.Id}") || HubOf(child) is not { } hub) continue;
            var (open, below) = hub.With(child.Id, static instance => (instance.Exists && !instance.Finished, ChildrenOf(instance)));
            var cause = open ? NotCompleted : hub.RunningAmong(below, seen);
            if (cause is not null) return $"child workflow '{child.Id}': {cause}";
        }
        return null;
    }

    private const string NotCompleted = "orchestration has not yet completed";
}
