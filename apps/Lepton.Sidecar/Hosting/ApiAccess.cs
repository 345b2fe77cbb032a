using Lepton.Sidecar.Grpc;

namespace Lepton.Sidecar.Hosting;

/// <summary>One line of a configuration's `api.allowed` or `api.denied`.</summary>
internal sealed record ApiRule(string Name, string Version, string Protocol);

/// <summary>Which APIs an app may call, by the lists of its configuration. What is not allowed is as if it were not there.</summary>
internal sealed class ApiAccess(IReadOnlyList<ApiRule> allowed, IReadOnlyList<ApiRule> denied)
{
    private static readonly Dictionary<string, string[]> Methods = new()
    {
        ["invoke/v1"] = ["InvokeService"],
        ["state/v1"] = ["GetState", "GetBulkState", "SaveState", "DeleteState", "DeleteBulkState", "ExecuteStateTransaction"],
        ["state/v1alpha1"] = ["QueryStateAlpha1"],
        ["publish/v1"] = ["PublishEvent", "BulkPublishEvent"],
        ["publish/v1alpha1"] = ["BulkPublishEventAlpha1"],
        ["bindings/v1"] = ["InvokeBinding"],
        ["secrets/v1"] = ["GetSecret", "GetBulkSecret"],
        ["actors/v1"] = ["RegisterActorTimer", "UnregisterActorTimer", "RegisterActorReminder", "GetActorReminder", "UnregisterActorReminder", "UnregisterActorRemindersByType", "ListActorReminders", "GetActorState", "ExecuteActorStateTransaction", "InvokeActor"],
        ["actors/v1alpha1"] = ["SubscribeActorEventsAlpha1"],
        ["metadata/v1"] = ["GetMetadata", "SetMetadata"],
        ["configuration/v1alpha1"] = ["GetConfigurationAlpha1", "SubscribeConfigurationAlpha1", "UnsubscribeConfigurationAlpha1"],
        ["configuration/v1"] = ["GetConfiguration", "SubscribeConfiguration", "UnsubscribeConfiguration"],
        ["lock/v1alpha1"] = ["TryLockAlpha1"],
        ["unlock/v1alpha1"] = ["UnlockAlpha1"],
        ["workflows/v1alpha1"] = ["StartWorkflowAlpha1", "GetWorkflowAlpha1", "TerminateWorkflowAlpha1", "RaiseEventWorkflowAlpha1", "PurgeWorkflowAlpha1", "PauseWorkflowAlpha1", "ResumeWorkflowAlpha1"],
        ["workflows/v1beta1"] = ["StartWorkflowBeta1", "GetWorkflowBeta1", "TerminateWorkflowBeta1", "RaiseEventWorkflowBeta1", "PurgeWorkflowBeta1", "PauseWorkflowBeta1", "ResumeWorkflowBeta1"],
        ["jobs/v1alpha1"] = ["ScheduleJobAlpha1", "DeleteJobAlpha1", "GetJobAlpha1", "DeleteJobsByPrefixAlpha1", "ListJobsAlpha1"],
        ["jobs/v1"] = ["ScheduleJob", "DeleteJob", "GetJob", "DeleteJobsByPrefix", "ListJobs"],
        ["shutdown/v1"] = ["Shutdown"],
        ["subscribe/v1alpha1"] = ["SubscribeTopicEventsAlpha1"],
    };

    private readonly HashSet<string> allowedGroups = Groups(allowed), deniedGroups = Groups(denied), allowedMethods = MethodsOf(allowed), deniedMethods = MethodsOf(denied);

    internal bool IsOpen => allowed.Count == 0 && denied.Count == 0;

    /// <summary>Whether a path of the HTTP API may be called; the health routes always may.</summary>
    internal bool AllowsPath(string path)
    {
        var parts = path.Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || !parts[0].StartsWith("v1.0", StringComparison.Ordinal) || parts[1] == "healthz") return true;
        return !Holds(deniedGroups, parts) && (allowedGroups.Count == 0 || Holds(allowedGroups, parts));
    }

    /// <summary>Whether a method of the gRPC API may be called; other services are none of its concern.</summary>
    internal bool AllowsMethod(string path)
    {
        const string Service = "/" + DaprService.Name + "/";
        if (!path.StartsWith(Service, StringComparison.Ordinal)) return true;
        var method = path[Service.Length..];
        return !deniedMethods.Contains(method) && (allowedMethods.Count == 0 || allowedMethods.Contains(method));
    }

    /// <summary>A rule names a version as `v1`, `v1alpha1`, or in the older way as it stands in the path.</summary>
    private static bool Holds(HashSet<string> groups, string[] path) => groups.Contains($"{path[0].Replace(".0", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)}/{path[1]}") || groups.Contains($"{path[0]}/{path[1]}");

    private static HashSet<string> Groups(IReadOnlyList<ApiRule> rules) => [.. rules.Where(static r => r.Protocol.Equals("http", StringComparison.OrdinalIgnoreCase)).Select(static r => $"{r.Version}/{r.Name}")];

    private static HashSet<string> MethodsOf(IReadOnlyList<ApiRule> rules) => [.. rules.Where(static r => r.Protocol == "grpc").SelectMany(static r => Methods.GetValueOrDefault($"{r.Name}/{r.Version}", []))];
}
