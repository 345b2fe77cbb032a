namespace Lepton.Tests.Sidecar.Actors;

/// <summary>Several apps that host one actor type share its ids; one that leaves or comes back takes its share with it.</summary>
public sealed class PlacementTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private async Task<(TestRun Run, ProbeApp A, ProbeApp B)> StartAsync(string config)
    {
        var run = new TestRun();
        ProbeApp[] apps = [run.Add("a", TestRun.ActorStore), run.Add("b", TestRun.ActorStore)];
        foreach (var app in apps)
        {
            app.Config = config;
            await app.StartAsync();
        }
        await run.StartAsync();
        foreach (var id in (string[])["a", "b"]) await run.ReadyAsync(id);
        await Eventually.HoldsAsync(() => run.Runtime.Sidecars.Values.All(sidecar => run.Runtime.Placement.Has("T", sidecar.Actors)), "both apps to host the type");
        return (run, apps[0], apps[1]);
    }

    private async Task<int> CallAsync(TestRun run, string from, string id, string method = "m")
    {
        using var answer = await run.PostAsync(from, $"/v1.0/actors/T/{id}/method/{method}", "1");
        await answer.Content.ReadAsStringAsync(limit);
        return (int)answer.StatusCode;
    }

    private static string[] Hosted(ProbeApp app, IEnumerable<string> ids, string method = "m") => [.. ids.Where(id => app.All($"/actors/T/{id}/method/{method}").Count > 0)];

    [Fact]
    public async Task Ids_are_spread_move_with_a_host_that_leaves_and_come_back_with_it()
    {
        var (run, a, b) = await StartAsync("""{"entities":["T"]}""");
        await using var end = run;
        var ids = Enumerable.Range(0, 40).Select(i => $"i{i}").ToArray();
        foreach (var id in ids) foreach (var from in (string[])["a", "b"]) Assert.Equal(200, await CallAsync(run, from, id));
        var (atA, atB) = (Hosted(a, ids), Hosted(b, ids));
        Assert.Equal(ids, ids.Where(id => atA.Contains(id) != atB.Contains(id)));
        Assert.InRange(atA.Length, 8, 32);

        await run.Runtime.Sidecars["b"].AppUnhealthyAsync();
        foreach (var id in atB) Assert.Equal("DELETE", Assert.Single(b.All($"/actors/T/{id}")).Method);
        foreach (var id in ids) Assert.Equal(200, await CallAsync(run, "b", id, "second"));
        Assert.Equal(ids, Hosted(a, ids, "second"));

        await run.Runtime.Sidecars["b"].AppHealthyAsync();
        // Only what moves is deactivated where it was.
        Assert.Equal(atB, ids.Where(id => a.All($"/actors/T/{id}").Count == 1));
        foreach (var id in ids) Assert.Equal(200, await CallAsync(run, "a", id, "third"));
        Assert.Equal(atB, Hosted(b, ids, "third"));
    }

    [Fact]
    public async Task An_actor_that_moves_ends_its_call_before_it_is_called_elsewhere()
    {
        var (run, a, b) = await StartAsync("""{"entities":["T"],"drainOngoingCallTimeout":"10s"}""");
        await using var end = run;
        var id = Enumerable.Range(0, 100).Select(i => $"i{i}").First(i => run.Runtime.Placement.Find("T", i)!.Host.AppId == "b");
        var order = new System.Collections.Concurrent.ConcurrentQueue<string>();
        b.Answer = async request =>
        {
            if (request.Method == "DELETE") return (200, "");
            await Task.Delay(400, limit);
            order.Enqueue("ended at b");
            return (200, "b");
        };
        a.Answer = _ =>
        {
            order.Enqueue("called at a");
            return Task.FromResult((200, "a"));
        };
        var first = CallAsync(run, "a", id);
        await b.ExpectAsync($"/actors/T/{id}/method/m", 1);
        var leaving = run.Runtime.Sidecars["b"].AppUnhealthyAsync();
        var second = CallAsync(run, "b", id);
        Assert.Equal((200, 200), (await first, await second));
        await leaving;
        Assert.Equal(["ended at b", "called at a"], order);
    }

    [Fact]
    public async Task A_type_with_settings_of_its_own_takes_none_of_the_common_ones_but_the_drain()
    {
        var (run, _, _) = await StartAsync("""
            {"entities":["T","U"],"actorIdleTimeout":"5m","drainOngoingCallTimeout":"45s","reentrancy":{"enabled":true,"maxStackDepth":5},
             "entitiesConfig":[{"entities":["U"],"drainOngoingCallTimeout":""}]}
            """);
        await using var end = run;
        var (common, own) = (run.Runtime.Placement.Find("T", "1")!, run.Runtime.Placement.Find("U", "1")!);
        Assert.Equal((TimeSpan.FromMinutes(5), true, 5, TimeSpan.FromSeconds(24)), (common.IdleTimeout, common.Reentrant, common.MaxDepth, common.DrainTimeout));
        Assert.Equal((TimeSpan.FromMinutes(60), false, 32, TimeSpan.FromSeconds(24)), (own.IdleTimeout, own.Reentrant, own.MaxDepth, own.DrainTimeout));
    }
}
