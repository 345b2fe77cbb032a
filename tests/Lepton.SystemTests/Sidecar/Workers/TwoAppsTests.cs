using Dapr.Workflow;
using Lepton.Sidecar.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar.Workers;

/// <summary>Asks another app for an activity and for a child.</summary>
public sealed class Errand : Workflow<int, int[]>
{
    public override async Task<int[]> RunAsync(WorkflowContext context, int input) =>
    [
        await context.CallActivityAsync<int>(nameof(AddOne), input, new WorkflowTaskOptions(TargetAppId: "there")),
        await context.CallChildWorkflowAsync<int>(nameof(Chain), input, new ChildWorkflowTaskOptions(TargetAppId: "there")),
    ];
}

/// <summary>The official workers of two apps of one run: the first has the workflow, only the second has what it asks for.</summary>
public sealed class TwoAppsTests
{
    [Fact]
    public async Task Activities_and_children_run_in_the_app_they_are_meant_for()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions { Sidecars = [new SidecarOptions { AppId = "here", Resources = SidecarProcess.ActorStore }, new SidecarOptions { AppId = "there", Resources = SidecarProcess.ActorStore }], Log = static _ => { } }, stop);
        using var here = await StartAsync(runtime, "here", static options => options.RegisterWorkflow<Errand>());
        using var there = await StartAsync(runtime, "there", static options =>
        {
            options.RegisterWorkflow<Chain>();
            options.RegisterActivity<AddOne>();
        });
        var client = here.Services.GetRequiredService<DaprWorkflowClient>();
        var id = await client.ScheduleNewWorkflowAsync(nameof(Errand), null, 4);
        var state = await client.WaitForWorkflowCompletionAsync(id, true, new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        Assert.Equal([5, 7], state.ReadOutputAs<int[]>()!);
        await here.StopAsync(stop);
        await there.StopAsync(stop);
    }

    private static async Task<IHost> StartAsync(EmbeddedRuntime runtime, string app, Action<WorkflowRuntimeOptions> register)
    {
        var (http, grpc) = runtime.PortsOf(app);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{http}", ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{grpc}" });
        builder.Services.AddDaprWorkflow(register);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
