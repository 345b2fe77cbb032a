using Dapr.Client;

namespace Lepton.Tests.Sidecar.Locks;

public sealed class LockTests
{
    private const string Locks = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: locks }
        spec: { type: lock.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

#pragma warning disable CS0618, DAPR_DISTRIBUTEDLOCK // The SDK marks the lock API as not final.
    [Fact]
    public async Task The_official_client_takes_and_releases_locks_which_outlive_a_restart()
    {
        await using var run = new TestRun();
        run.Add("a", Locks, withApp: false);
        await run.StartAsync();
        DaprClient Client() => new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").Build();
        using (var dapr = Client())
        {
            Assert.True((await dapr.Lock("locks", "r", "me", 60, Stop)).Success);
            Assert.False((await dapr.Lock("locks", "r", "you", 60, Stop)).Success);
            Assert.True((await dapr.Lock("locks", "brief", "me", 1, Stop)).Success);
        }
        await run.RestartAsync();
        using var later = Client();
        Assert.False((await later.Lock("locks", "r", "you", 60, Stop)).Success);
        Assert.Equal(LockStatus.LockBelongsToOthers, (await later.Unlock("locks", "r", "you", Stop)).status);
        Assert.Equal(LockStatus.Success, (await later.Unlock("locks", "r", "me", Stop)).status);
        Assert.Equal(LockStatus.LockDoesNotExist, (await later.Unlock("locks", "r", "me", Stop)).status);
        await Eventually.HoldsAsync(() => later.Lock("locks", "brief", "you", 60, Stop).GetAwaiter().GetResult().Success, "the lock of a second has ended");
    }
#pragma warning restore CS0618, DAPR_DISTRIBUTEDLOCK

    [Theory]
    [InlineData("lock/locks", """{"resourceId":"","lockOwner":"a","expiryInSeconds":1}""", 400, "ResourceId is empty in lock store locks")]
    [InlineData("lock/locks", """{"resourceId":"r","lockOwner":"a","expiryInSeconds":0}""", 400, "ExpiryInSeconds is not positive in lock store locks")]
    [InlineData("unlock/locks", """{"resourceId":"r"}""", 400, "LockOwner is empty in lock store locks")]
    [InlineData("lock/nope", """{"resourceId":"r","lockOwner":"a","expiryInSeconds":1}""", 400, "lock store nope not found")]
    [InlineData("lock/locks", "[", 400, "failed deserializing HTTP body")]
    [InlineData("lock/locks", """{"resourceId":5}""", 400, "failed deserializing HTTP body")]
    public async Task Bad_requests_are_told_what_is_wrong(string path, string body, int status, string text)
    {
        await using var run = new TestRun();
        run.Add("a", Locks, withApp: false);
        await run.StartAsync();
        using var answer = await run.PostAsync("a", "/v1.0-alpha1/" + path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(text, await answer.Content.ReadAsStringAsync(Stop));
    }
}
