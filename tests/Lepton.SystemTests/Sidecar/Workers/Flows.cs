using System.Collections.Concurrent;
using Dapr.Workflow;

namespace Lepton.SystemTests.Sidecar.Workers;

// The same flows as JavaScript/worker.js.

public sealed class AddOne : WorkflowActivity<int, int>
{
    public override Task<int> RunAsync(WorkflowActivityContext context, int input) => Task.FromResult(input + 1);
}

public sealed record Failures(string Key, int Count);

public sealed class Flaky : WorkflowActivity<Failures, string>
{
    private static readonly ConcurrentDictionary<string, int> Calls = new();

    public override Task<string> RunAsync(WorkflowActivityContext context, Failures input)
    {
        var call = Calls.AddOrUpdate(input.Key, 1, static (_, calls) => calls + 1);
        return call <= input.Count ? throw new InvalidOperationException($"failure {call}") : Task.FromResult($"call {call}");
    }
}

public sealed class Loop
{
    public Loop Self => this;
}

public sealed class Cycle : WorkflowActivity<int, Loop>
{
    public override Task<Loop> RunAsync(WorkflowActivityContext context, int input) => Task.FromResult(new Loop());
}

public sealed class HugeText : WorkflowActivity<int, string>
{
    public override Task<string> RunAsync(WorkflowActivityContext context, int input) => Task.FromResult(new string('z', input));
}

public sealed class Chain : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input)
    {
        for (var i = 0; i < 3; i++) input = await context.CallActivityAsync<int>(nameof(AddOne), input);
        return input;
    }
}

public sealed class FanOut : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input) =>
        (await Task.WhenAll(Enumerable.Range(1, input).Select(i => context.CallActivityAsync<int>(nameof(AddOne), i)))).Sum();
}

public sealed class Nap : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input)
    {
        await context.CreateTimer(TimeSpan.FromMilliseconds(input));
        return "rested";
    }
}

public sealed class Patience : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input)
    {
        try
        {
            return await context.WaitForExternalEventAsync<string>("word", TimeSpan.FromMilliseconds(input));
        }
        catch (TaskCanceledException)
        {
            return "too late";
        }
    }
}

public sealed class Parent : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input) =>
        await context.CallChildWorkflowAsync<int>(nameof(Chain), input) + await context.CallChildWorkflowAsync<int>(nameof(Chain), input * 10);
}

public sealed class Rounds : Workflow<List<string>, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, List<string> input)
    {
        input.Add(await context.WaitForExternalEventAsync<string>("word"));
        if (input.Count == 3) return string.Join(' ', input);
        context.ContinueAsNew(input, preserveUnprocessedEvents: true);
        return "";
    }
}

public sealed class Staged : Workflow<string?, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, string? input)
    {
        context.SetCustomStatus("waiting");
        var word = await context.WaitForExternalEventAsync<string>("word");
        context.SetCustomStatus("heard");
        await context.CreateTimer(TimeSpan.FromMilliseconds(20));
        return word;
    }
}

public sealed class Retrying : Workflow<int, string>
{
    public override Task<string> RunAsync(WorkflowContext context, int input) =>
        context.CallActivityAsync<string>(nameof(Flaky), new Failures(context.InstanceId, input), new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(20))));
}

public sealed class Lost : Workflow<int, int>
{
    public override Task<int> RunAsync(WorkflowContext context, int input) => context.CallActivityAsync<int>("Nowhere", 1);
}

public sealed class CyclicActivity : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input) => (await context.CallActivityAsync<object>(nameof(Cycle), 1)).ToString()!;
}

public sealed class Cyclic : Workflow<int, Loop>
{
    public override Task<Loop> RunAsync(WorkflowContext context, int input) => Task.FromResult(new Loop());
}

public sealed class Huge : Workflow<int, int>
{
    public override async Task<int> RunAsync(WorkflowContext context, int input) => (await context.CallActivityAsync<string>(nameof(HugeText), input)).Length;
}
