using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Tests.Sidecar.Workflow;

public sealed class ConfigurationTests
{
    [Fact]
    public void Limits_and_retention_come_from_the_configuration_and_faults_are_named()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: lepton }
            spec:
              workflow:
                maxConcurrentWorkflowInvocations: 7
                maxConcurrentActivityInvocations: 9
                globalMaxConcurrentActivityInvocations: 8
                activityConcurrencyLimits: [ { name: Slow, maxConcurrent: 2 } ]
                stateRetentionPolicy: { anyTerminal: 360h, failed: 1h30m, completed: soon }
            """);
        var set = ResourceFolder.Read([], null, [file], "app", new Dictionary<string, string>());
        var workflow = set.Configuration.Workflow;
        Assert.Equal((7, 8, 2), (workflow.MaxTurns, workflow.MaxActivities, workflow.ActivityLimits["Slow"]));
        Assert.Equal(TimeSpan.FromMinutes(90), workflow.Retention.For(OrchestrationStatus.Failed));
        Assert.Equal(TimeSpan.FromHours(360), workflow.Retention.For(OrchestrationStatus.Terminated));
        Assert.Contains("completed", Assert.Single(set.Faults).ToString(), StringComparison.Ordinal);
        File.Delete(file);
    }
}
