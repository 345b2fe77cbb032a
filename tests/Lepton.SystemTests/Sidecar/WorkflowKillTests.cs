using System.Collections.Concurrent;
using Dapr.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar;

/// <summary>Adds its step to what it is given, slowly, and counts its runs.</summary>
public sealed class AddStep : WorkflowActivity<string, string>
{
    internal static readonly ConcurrentDictionary<string, int> Runs = new();

    public override async Task<string> RunAsync(WorkflowActivityContext context, string input)
    {
        await Task.Delay(20);
        Runs.AddOrUpdate($"{context.InstanceId} {input}", 1, static (_, runs) => runs + 1);
        return input + ".";
    }
}

public sealed class Journey : Workflow<string, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, string input)
    {
        for (var i = 0; i < 3; i++)
        {
            input = await context.CallActivityAsync<string>(nameof(AddStep), input);
            await context.CreateTimer(TimeSpan.FromMilliseconds(300));
        }
        return input + await context.WaitForExternalEventAsync<string>("word");
    }
}

public sealed class WorkflowKillTests
{
    private const int Instances = 40;

    [Fact]
    public async Task Killing_the_runtime_in_the_middle_of_workflows_loses_none_of_them()
    {
        var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
        using var sidecar = new SidecarProcess();
        await sidecar.StartAsync(limit);
        using var app = await StartWorkerAsync(sidecar, limit);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        var ids = Enumerable.Range(0, Instances).Select(i => $"journey-{i}").ToArray();
        await Task.WhenAll(ids.Select(id => client.ScheduleNewWorkflowAsync(nameof(Journey), id, id)));
        await Task.WhenAll(ids.Select(id => client.RaiseEventAsync(id, "word", "!" + id, limit)));
        while (AddStep.Runs.Count < Instances * 3 / 2) await Task.Delay(5, limit);

        sidecar.Kill();
        await sidecar.StartAsync(limit);

        foreach (var id in ids)
        {
            var state = await client.WaitForWorkflowCompletionAsync(id, true, limit);
            Assert.Equal($"{id}...!{id}", state.ReadOutputAs<string>());
        }
        Assert.Equal(Instances * 3, AddStep.Runs.Count);
        await app.StopAsync(limit);
    }

    private static async Task<IHost> StartWorkerAsync(SidecarProcess sidecar, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{sidecar.HttpPort}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{sidecar.GrpcPort}",
        });
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<Journey>();
            options.RegisterActivity<AddStep>();
        });
        var app = builder.Build();
        await app.StartAsync(cancellationToken);
        return app;
    }
}
