using Dapr.Client;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Timing;
using Xunit;

public sealed record Order(int Number);

public sealed class OrderTests
{
    [Fact]
    public async Task An_order_comes_again_when_its_acknowledgement_got_lost_and_expires_after_a_day()
    {
        var got = new System.Collections.Concurrent.ConcurrentQueue<Order>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseCloudEvents();
        app.MapSubscribeHandler();
        app.MapPost("/orders", (Order order) => got.Enqueue(order)).WithTopic("pubsub", "orders");
        await app.StartAsync();

        var clock = new VirtualClock();
        var shop = new SidecarOptions { AppId = "shop", AppPort = new Uri(app.Urls.First()).Port };
        await using var dapr = await EmbeddedDapr.StartAsync(new RuntimeOptions { Sidecars = [shop], Time = clock });
        using var client = new DaprClientBuilder().UseHttpEndpoint(dapr.HttpEndpoint("shop")).UseGrpcEndpoint(dapr.GrpcEndpoint("shop")).Build();
        await dapr.ReadyAsync("shop");

        dapr.LoseAcknowledgements("shop", "pubsub", "orders");
        await client.PublishEventAsync("pubsub", "orders", new Order(7));
        for (var i = 0; got.Count < 2 && i < 1000; i++) await Task.Delay(10);
        Assert.Equal([new Order(7), new Order(7)], got);

        await client.SaveStateAsync("statestore", "7", new Order(7), metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "86400" });
        Assert.Equal(new Order(7), await client.GetStateAsync<Order>("statestore", "7"));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await client.GetStateAsync<Order?>("statestore", "7"));
    }
}
