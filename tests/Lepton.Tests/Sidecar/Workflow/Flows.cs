using Dapr.Workflow;

namespace Lepton.Tests.Sidecar.Workflow;

public sealed class AddOne : WorkflowActivity<int, int>
{
    public override Task<int> RunAsync(WorkflowActivityContext context, int input) => Task.FromResult(input + 1);
}

/// <summary>Fails as often as its input's second number says, per instance.</summary>
public sealed class Flaky : WorkflowActivity<int, string>
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Calls = new();

    public override Task<string> RunAsync(WorkflowActivityContext context, int input)
    {
        var call = Calls.AddOrUpdate(context.InstanceId, 1, static (_, calls) => calls + 1);
        return call <= input ? throw new InvalidOperationException($"failure {call}") : Task.FromResult($"call {call}");
    }
}

public sealed class Chain : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input)
    {
        for (var i = 0; i < 4; i++) input = await context.CallActivityAsync<int>(nameof(AddOne), input);
        return input;
    }
}

public sealed class FanOut : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input)
    {
        var parts = await Task.WhenAll(Enumerable.Range(0, input).Select(i => context.CallActivityAsync<int>(nameof(AddOne), i)));
        return parts.Sum();
    }
}

/// <summary>Waits for two events of one name and then naps.</summary>
public sealed class Listener : Workflow<string, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, string input)
    {
        context.SetCustomStatus("waiting");
        var first = await context.WaitForExternalEventAsync<string>("word");
        var second = await context.WaitForExternalEventAsync<string>("WORD", TimeSpan.FromMinutes(1));
        context.SetCustomStatus("napping");
        await context.CreateTimer(TimeSpan.FromMilliseconds(50));
        return $"{input} {first} {second}";
    }
}

public sealed class Parent : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input) =>
        await context.CallChildWorkflowAsync<int>(nameof(Chain), input) + await context.CallChildWorkflowAsync<int>(nameof(Chain), input * 10);
}

/// <summary>Counts down by ContinueAsNew, more often than the engine does without a commit, and then takes an event that came early.</summary>
public sealed class Countdown : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input)
    {
        if (input > 0)
        {
            context.ContinueAsNew(input - 1);
            return "";
        }
        return await context.WaitForExternalEventAsync<string>("go");
    }
}

public sealed class Retrying : Workflow<int, string>
{
    public override Task<string> RunAsync(WorkflowContext context, int input) =>
        context.CallActivityAsync<string>(nameof(Flaky), input, new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(20))));
}
