using Lepton.Sidecar.Actors;

namespace Lepton.Tests.Sidecar.Actors;

public sealed class ReminderFaultTests
{
    /// <summary>An app whose first call fails in a way nobody foresaw.</summary>
    private sealed class OddLink : ActorLink
    {
        internal int Calls { get; private set; }

        internal override Task<ActorReply> CallAsync(string type, string id, ActorCall call, string? chain, CancellationToken cancellationToken) =>
            ++Calls == 1 ? throw new InvalidOperationException("odd") : Task.FromResult(new ActorReply([], []));

        internal override Task DeactivateAsync(string type, string id, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task A_reminder_fires_again_after_a_fault_nobody_foresaw()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.ActorStore, withApp: false);
        await run.StartAsync();
        await run.ReadyAsync("a");
        var link = new OddLink();
        await run.Runtime.Placement.AddAsync([new ActorType("T", run.Runtime.Sidecars["a"].Actors, link)]);
        using var set = await run.PostAsync("a", "/v1.0/actors/T/1/reminders/r", """{"dueTime":"0s"}""");
        Assert.Equal(204, (int)set.StatusCode);
        await Eventually.HoldsAsync(() => link.Calls == 2, "the second call");
        await Eventually.HoldsAsync(() => run.Runtime.Reminders.Find("T", "1", "r") is null, "the end of the reminder");
    }
}
