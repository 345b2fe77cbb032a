using Dapr.Client;
using Dapr.Workflow;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Timing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lepton.Tests.Sidecar.Hosting;

/// <summary>What the package offers to other people's tests, by its public members alone.</summary>
public sealed class EmbeddedDaprTests : IAsyncLifetime
{
    private const string Subscription = """[{"pubsubname":"pubsub","topic":"orders","route":"/orders"}]""";
    private readonly VirtualClock clock = new();
    private readonly ProbeApp app = new() { Port = FreePort.Take(), Subscriptions = Subscription };
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private EmbeddedDapr dapr = null!;
    private DaprClient client = null!;

    public async ValueTask InitializeAsync()
    {
        await app.StartAsync();
        dapr = await EmbeddedDapr.StartAsync(new RuntimeOptions { Sidecars = [new SidecarOptions { AppId = "shop", AppPort = app.Port }], Time = clock, Log = static _ => { } }, limit);
        client = new DaprClientBuilder().UseHttpEndpoint(dapr.HttpEndpoint("shop")).UseGrpcEndpoint(dapr.GrpcEndpoint("shop")).Build();
        await dapr.ReadyAsync("shop", limit);
    }

    [Fact]
    public async Task An_app_without_resources_has_what_dapr_init_sets_up()
    {
        await client.SaveStateAsync("statestore", "a", 1, cancellationToken: limit);
        Assert.Equal(1, await client.GetStateAsync<int>("statestore", "a", cancellationToken: limit));
        await client.PublishEventAsync("pubsub", "orders", "one", limit);
        await app.ExpectAsync("/orders", 1);
    }

    [Fact]
    public async Task A_delivery_whose_acknowledgement_got_lost_comes_again()
    {
        dapr.LoseAcknowledgements("shop", "pubsub", "orders");
        await client.PublishEventAsync("pubsub", "orders", "one", limit);
        var got = await app.ExpectAsync("/orders", 2);
        Assert.Equal(got[0].Body, got[1].Body);
    }

    [Fact]
    public async Task A_message_can_be_delivered_twice()
    {
        dapr.Duplicate("shop", "pubsub", "orders");
        await client.PublishEventAsync("pubsub", "orders", "one", limit);
        await client.PublishEventAsync("pubsub", "orders", "two", limit);
        var got = await app.ExpectAsync("/orders", 3);
        Assert.Equal(2, got.Count(r => r.Body.Contains("\"one\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_broker_away_for_hours_of_virtual_time_loses_nothing()
    {
        app.Answer = _ =>
        {
            dapr.Disconnect("shop", "pubsub", TimeSpan.FromHours(5));
            return Task.FromResult((200, ""));
        };
        await client.PublishEventAsync("pubsub", "orders", "one", limit);
        await app.ExpectAsync("/orders", 1);
        await Assert.ThrowsAsync<Dapr.DaprException>(() => client.PublishEventAsync("pubsub", "orders", "refused", limit));
        app.Answer = static _ => Task.FromResult((200, ""));
        clock.Advance(TimeSpan.FromHours(4));
        await Assert.ThrowsAsync<Dapr.DaprException>(() => client.PublishEventAsync("pubsub", "orders", "refused", limit));
        clock.Advance(TimeSpan.FromHours(1));
        await client.PublishEventAsync("pubsub", "orders", "two", limit);
        var got = await app.ExpectAsync("/orders", 3);
        Assert.DoesNotContain(got, r => r.Body.Contains("refused", StringComparison.Ordinal));
        Assert.Equal(2, got.Count(r => r.Body.Contains("\"one\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_delivery_brings_it_again_on_the_same_ports()
    {
        var started = new TaskCompletionSource();
        var first = true;
        app.Answer = async _ =>
        {
            if (first)
            {
                first = false;
                started.SetResult();
                await Task.Delay(TimeSpan.FromSeconds(30), limit);
            }
            return (200, "");
        };
        await client.SaveStateAsync("statestore", "kept", "yes", cancellationToken: limit);
        await client.PublishEventAsync("pubsub", "orders", "one", limit);
        await started.Task.WaitAsync(limit);
        await dapr.RestartAsync(limit);
        await app.ExpectAsync("/orders", 2);
        Assert.Equal("yes", await client.GetStateAsync<string>("statestore", "kept", cancellationToken: limit));
    }

    [Fact]
    public async Task A_workflow_sleeps_for_a_month_and_survives_a_restart_in_its_activity()
    {
        await using var worker = await WorkerAsync();
        var flows = worker.Services.GetRequiredService<DaprWorkflowClient>();
        var id = await flows.ScheduleNewWorkflowAsync(nameof(Sleeper), "sleeper", 7);
        await flows.WaitForWorkflowStartAsync(id, cancellation: limit);
        await Eventually.HoldsAsync(() => flows.GetWorkflowStateAsync(id, true, limit).Result!.ReadCustomStatusAs<string>() == "asleep", "the workflow sleeps");
        var restart = Task.CompletedTask;
        SlowDouble.Started = () => restart = dapr.RestartAsync(limit);
        clock.Advance(TimeSpan.FromDays(30));
        await Eventually.HoldsAsync(() => SlowDouble.Runs >= 2, "the activity runs again after the restart", withinMs: 40_000);
        await restart;
        var state = await flows.WaitForWorkflowCompletionAsync(id, true, limit);
        Assert.Equal(14, state.ReadOutputAs<int>());
    }

    [Fact]
    public void A_name_that_is_not_there_is_said_with_those_that_are()
    {
        var fault = Assert.Throws<ArgumentException>(() => dapr.Duplicate("shop", "bus", "orders"));
        Assert.Contains("It has: pubsub.", fault.Message, StringComparison.Ordinal);
    }

    private async Task<WebApplication> WorkerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = dapr.HttpEndpoint("shop"), ["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint("shop") });
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<Sleeper>();
            options.RegisterActivity<SlowDouble>();
        });
        var worker = builder.Build();
        await worker.StartAsync(limit);
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await dapr.DisposeAsync();
        await app.DisposeAsync();
    }
}

public sealed class Sleeper : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input)
    {
        context.SetCustomStatus("asleep");
        await context.CreateTimer(TimeSpan.FromDays(30));
        return await context.CallActivityAsync<int>(nameof(SlowDouble), input);
    }
}

public sealed class SlowDouble : WorkflowActivity<int, int>
{
    private static int runs;

    internal static Action? Started { get; set; }

    internal static int Runs => Volatile.Read(ref runs);

    public override async Task<int> RunAsync(WorkflowActivityContext context, int input)
    {
        if (Interlocked.Increment(ref runs) == 1)
        {
            Started!();
            await Task.Delay(TimeSpan.FromSeconds(3));
        }
        return input * 2;
    }
}
