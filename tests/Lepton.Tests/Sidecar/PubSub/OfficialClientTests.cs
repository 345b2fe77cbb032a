using System.Text.Json;
using Dapr.Client;

namespace Lepton.Tests.Sidecar.PubSub;

public sealed class OfficialClientTests
{
    [Fact]
    public async Task The_official_client_publishes_one_and_many_over_grpc()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Memory);
        app.Subscriptions = """[{"pubsubname":"bus","topic":"orders","route":"orders"}]""";
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        using var dapr = new DaprClientBuilder()
            .UseHttpEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Http}")
            .UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").Build();
        await dapr.PublishEventAsync("bus", "orders", new { n = 1 }, TestContext.Current.CancellationToken);
        var result = await dapr.BulkPublishEventAsync("bus", "orders", new List<int> { 2, 3 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(result.FailedEntries);
        var data = (await app.ExpectAsync("/orders", 3)).Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetRawText());
        Assert.Equal(["""{"n":1}""", "2", "3"], data);
    }
}
