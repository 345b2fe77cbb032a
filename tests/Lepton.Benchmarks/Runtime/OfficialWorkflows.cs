using Dapr.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Benchmarks.Runtime;

/// <summary>The same workflows through the official SDK, worker and client in this process.</summary>
internal sealed class OfficialWorkflows : IAsyncDisposable
{
    private readonly IHost host;
    private readonly DaprWorkflowClient client;

    private OfficialWorkflows(IHost host) => (this.host, client) = (host, host.Services.GetRequiredService<DaprWorkflowClient>());

    public static async Task<OfficialWorkflows> StartAsync(int httpPort, int grpcPort)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{httpPort}", ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{grpcPort}" });
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<Chain>();
            options.RegisterWorkflow<Fan>();
            options.RegisterActivity<AddOne>();
        });
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public async Task RunAsync(string name)
    {
        var id = await client.ScheduleNewWorkflowAsync(name, null, 0);
        var state = await client.WaitForWorkflowCompletionAsync(id, getInputsAndOutputs: true);
        if (state.RuntimeStatus != WorkflowRuntimeStatus.Completed)
        {
            throw new InvalidOperationException($"instance '{id}' ended as {state.RuntimeStatus}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private sealed class AddOne : WorkflowActivity<int, int>
    {
        public override Task<int> RunAsync(WorkflowActivityContext context, int input) => Task.FromResult(input + 1);
    }

    private sealed class Chain : Workflow<int, int>
    {
        public override async Task<int> RunAsync(WorkflowContext context, int input)
        {
            for (var i = 0; i < 5; i++)
            {
                input = await context.CallActivityAsync<int>(nameof(AddOne), input);
            }

            return input;
        }
    }

    private sealed class Fan : Workflow<int, int>
    {
        public override async Task<int> RunAsync(WorkflowContext context, int input) =>
            (await Task.WhenAll(Enumerable.Range(0, 5).Select(i => context.CallActivityAsync<int>(nameof(AddOne), i)))).Sum();
    }
}
