using Dapr.Workflow;

namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>Plays a program as a workflow. <see cref="Model"/> says what comes out.</summary>
public sealed class Player : Workflow<Play, long>
{
    public override async Task<long> RunAsync(WorkflowContext context, Play play)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(play);
        var sum = play.Sum;
        for (var i = 0; i < play.Steps.Length; i++)
        {
            var (step, key) = (play.Steps[i], $"{play.Key}.{play.At + i}");
            if (step.Do == "again")
            {
                context.ContinueAsNew(new Play(play.Key, sum, play.At + i + 1, play.Steps[(i + 1)..]), preserveUnprocessedEvents: true);
                return 0;
            }
            foreach (var value in await StepAsync(context, step, key)) sum = Deed.Mix(sum, value);
        }
        return sum;
    }

    private static async Task<long[]> StepAsync(WorkflowContext context, Step step, string key)
    {
        switch (step.Do)
        {
            case "call":
                return [await Effect(context, new Deed(key, step.Number))];
            case "all":
                return await Task.WhenAll(Enumerable.Range(0, step.Number).Select(n => Effect(context, new Deed($"{key}.{n}", n))));
            case "nap":
                await context.CreateTimer(TimeSpan.FromMilliseconds(step.Number));
                return [1];
            case "hear":
                return [step.Number == 0 ? await context.WaitForExternalEventAsync<long>(step.Name) : await context.WaitForExternalEventAsync<long>(step.Name, TimeSpan.FromHours(step.Number))];
            case "miss":
                return [await Missed(context, step)];
            case "fail":
                return [await Failed(context, key)];
            case "child":
                return [await Child(context, step, key)];
            case "both":
                return await Task.WhenAll(Child(context, step, key), Effect(context, new Deed(key + ".x", step.Number)));
            default:
                throw new InvalidOperationException($"'{step.Do}' is no step");
        }
    }

    private static Task<long> Effect(WorkflowContext context, Deed deed) => context.CallActivityAsync<long>(nameof(Effect), deed);

    private static Task<long> Child(WorkflowContext context, Step step, string key) =>
        context.CallChildWorkflowAsync<long>(nameof(Player), new Play(key, 0, 0, step.Body!), new ChildWorkflowTaskOptions(InstanceId: key));

    private static async Task<long> Missed(WorkflowContext context, Step step)
    {
        try
        {
            return await context.WaitForExternalEventAsync<long>("never", TimeSpan.FromMilliseconds(step.Number));
        }
        catch (TaskCanceledException)
        {
            return 2;
        }
    }

    private static async Task<long> Failed(WorkflowContext context, string key)
    {
        try
        {
            return await context.CallActivityAsync<long>(nameof(Refuse), key);
        }
        catch (WorkflowTaskFailedException)
        {
            return 3;
        }
    }
}

/// <summary>Writes its effect down, so that the test sees it whatever becomes of this process.</summary>
public sealed class Effect(Effects effects) : WorkflowActivity<Deed, long>
{
    public override async Task<long> RunAsync(WorkflowActivityContext context, Deed input)
    {
        ArgumentNullException.ThrowIfNull(input);
        effects.Add($"{input.Key} {input.Value}");
        await Task.Delay(input.Number % 3 * 15);
        return input.Value;
    }
}

public sealed class Refuse : WorkflowActivity<string, long>
{
    public override Task<long> RunAsync(WorkflowActivityContext context, string input) => throw new InvalidOperationException($"{input} is refused");
}

/// <summary>Lines in a file of this process, each there before the call returns.</summary>
public sealed class Effects(string file) : IDisposable
{
    private readonly StreamWriter writer = new(new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    internal void Add(string line)
    {
        lock (writer) writer.Write(line + "\n");
    }

    public void Dispose() => writer.Dispose();
}
