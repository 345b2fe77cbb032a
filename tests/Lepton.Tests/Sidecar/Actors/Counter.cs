using System.Collections.Concurrent;
using Dapr.Actors;
using Dapr.Actors.Client;
using Dapr.Actors.Runtime;

namespace Lepton.Tests.Sidecar.Actors;

public interface ICounter : IActor
{
    Task<int> Add(int amount);

    Task<int> AddSlowly(int amount);

    Task<string> Fail(string text);

    Task<int> AddThroughAnother(string other, int amount);

    Task RemindMe(string name, TimeSpan due, TimeSpan period);

    Task StartTimer(TimeSpan due);

    Task Forget(TimeSpan after);
}

/// <summary>What the actors were told, for tests to wait on.</summary>
public sealed class Heard
{
    public ConcurrentQueue<string> Words { get; } = new();

    public int Inside { get; set; }

    public int MostInside { get; set; }

    internal async Task Until(Func<string[], bool> wanted, string what)
    {
        var end = DateTime.UtcNow.AddSeconds(20);
        while (!wanted([.. Words]))
        {
            Assert.True(DateTime.UtcNow < end, $"waited 20 s for {what}; heard: {string.Join(", ", Words)}");
            await Task.Delay(10);
        }
    }
}

public sealed class Counter(ActorHost host, Heard heard) : Actor(host), ICounter, IRemindable
{
    public async Task<int> Add(int amount)
    {
        var count = await StateManager.GetOrAddStateAsync("count", 0) + amount;
        await StateManager.SetStateAsync("count", count);
        return count;
    }

    public async Task<int> AddSlowly(int amount)
    {
        heard.MostInside = Math.Max(heard.MostInside, ++heard.Inside);
        await Task.Delay(20);
        heard.Inside--;
        return await Add(amount);
    }

    public Task<string> Fail(string text) => throw new InvalidOperationException(text);

    // The other one calls back: without reentrancy this would wait for itself.
    public async Task<int> AddThroughAnother(string other, int amount) => Id.GetId() == other
        ? await ProxyFactory.CreateActorProxy<ICounter>(new ActorId("first"), nameof(Counter)).Add(amount)
        : await ProxyFactory.CreateActorProxy<ICounter>(new ActorId(other), nameof(Counter)).AddThroughAnother(other, amount);

    public Task RemindMe(string name, TimeSpan due, TimeSpan period) => RegisterReminderAsync(name, [1, 2], due, period);

    public Task StartTimer(TimeSpan due) => RegisterTimerAsync("tick", nameof(OnTick), [7], due, TimeSpan.FromMilliseconds(-1));

    public Task OnTick(byte[] data)
    {
        heard.Words.Enqueue($"{Id} tick {data[0]}");
        return Task.CompletedTask;
    }

    public async Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        heard.Words.Enqueue($"{Id} {reminderName} {state.Length}");
        await Add(1);
        if (reminderName == "twice" && heard.Words.Count(word => word == $"{Id} twice 2") == 2) await UnregisterReminderAsync("twice");
    }

    public Task Forget(TimeSpan after) => StateManager.SetStateAsync("count", 100, after);

    protected override Task OnDeactivateAsync()
    {
        heard.Words.Enqueue($"{Id} deactivated");
        return Task.CompletedTask;
    }
}
