using System.Globalization;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Secrets;
using Lepton.Sidecar.Workflow.Hub;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads the parts of a Configuration that mean something here.</summary>
internal static class ConfigurationReader
{
    internal static Configuration Read(YamlMap document)
    {
        var spec = document.Map("spec");
        var rate = spec?.Map("tracing")?.Text("samplingRate");
        return new Configuration
        {
            SamplingRate = double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0,
            SecretScopes = [.. (spec?.Map("secrets")?.Maps("scopes") ?? []).Select(Scope)],
            Apis = new ApiAccess([.. (spec?.Map("api")?.Maps("allowed") ?? []).Select(Rule)], [.. (spec?.Map("api")?.Maps("denied") ?? []).Select(Rule)]),
            Features = Features(spec?.Maps("features") ?? []),
            Workflow = spec?.Map("workflow") is { } workflow ? Workflows(workflow) : new WorkflowSettings(),
        };
    }

    private static ApiRule Rule(YamlMap rule) => new(rule.Text("name") ?? "", rule.Text("version") ?? "", rule.Text("protocol") ?? "");

    private static string[] Features(IEnumerable<YamlMap> given)
    {
        var enabled = new List<string>(Configuration.DefaultFeatures);
        foreach (var feature in given)
        {
            var name = feature.Text("name", "")!;
            enabled.Remove(name);
            if (name.Length > 0 && feature.Flag("enabled", false)) enabled.Add(name);
        }
        return [.. enabled];
    }

    private static WorkflowSettings Workflows(YamlMap workflow)
    {
        var keep = workflow.Map("stateRetentionPolicy");
        return new WorkflowSettings
        {
            MaxTurns = Limit(workflow, "axConcurrentWorkflowInvocations"),
            MaxActivities = Limit(workflow, "axConcurrentActivityInvocations"),
            TurnLimits = Limits(workflow, "workflowConcurrencyLimits"),
            ActivityLimits = Limits(workflow, "activityConcurrencyLimits"),
            Retention = new Retention
            {
                AnyTerminal = Length(keep, "anyTerminal"),
                Completed = Length(keep, "completed"),
                Failed = Length(keep, "failed"),
                Terminated = Length(keep, "terminated"),
            },
        };
    }

    // On one machine the limit of each sidecar and that of all together are the same: the smaller one holds.
    private static int Limit(YamlMap workflow, string name)
    {
        var (own, global) = (workflow.WholeNumber("m" + name, 0, least: 0), workflow.WholeNumber("globalM" + name, 0, least: 0));
        return own == 0 ? global : global == 0 ? own : Math.Min(own, global);
    }

    private static Dictionary<string, int> Limits(YamlMap workflow, string key)
    {
        var limits = new Dictionary<string, int>();
        foreach (var limit in workflow.Maps(key)) limits[limit.RequiredText("name", "name the workflow or activity")] = limit.WholeNumber("maxConcurrent", 0, least: 0);
        return limits;
    }

    private static TimeSpan? Length(YamlMap? map, string key)
    {
        if (map?.Text(key) is not { } text) return null;
        if (Quantity.TryDuration(text, out var length)) return length;
        map.Report(key, $"is '{text}', which is no length of time", "write it as 30m or 168h");
        return null;
    }

    private static SecretScope Scope(YamlMap scope) => new(
        scope.RequiredText("storeName", "name the secret store"),
        scope.Text("defaultAccess")?.Equals("deny", StringComparison.OrdinalIgnoreCase) == true,
        scope.Texts("allowedSecrets"),
        scope.Texts("deniedSecrets"));
}
