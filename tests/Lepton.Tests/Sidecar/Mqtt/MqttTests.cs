using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using MQTTnet;
using MQTTnet.Protocol;

namespace Lepton.Tests.Sidecar.Mqtt;

public sealed class MqttTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Resources(int port) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.mqtt3, version: v1, metadata: [ { name: url, value: "mqtt://127.0.0.1:{{port}}" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: mq }
        spec: { type: bindings.mqtt3, version: v1, metadata: [ { name: url, value: "tcp://localhost:{{port}}" }, { name: topic, value: "in/+" }, { name: direction, value: "input, output" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Subscription
        metadata: { name: s }
        spec: { pubsubname: bus, topic: sensors/a, route: /sensors }
        """;

    [Fact]
    public async Task Devices_reach_apps_and_apps_reach_devices_over_the_runtimes_own_broker()
    {
        await using var run = new TestRun();
        var port = FreePort.Take();
        var app = run.Add("a", Resources(port));
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        Assert.Contains(run.Lines, line => line.StartsWith($"an MQTT broker listens at mqtt://127.0.0.1:{port}", StringComparison.Ordinal));

        using var device = new MqttClientFactory().CreateMqttClient();
        var got = new ConcurrentQueue<(string Topic, string Text)>();
        device.ApplicationMessageReceivedAsync += arrived =>
        {
            got.Enqueue((arrived.ApplicationMessage.Topic, Encoding.UTF8.GetString(arrived.ApplicationMessage.Payload.ToArray())));
            return Task.CompletedTask;
        };
        await device.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build(), Stop);
        await device.SubscribeAsync("#", MqttQualityOfServiceLevel.AtLeastOnce, Stop);

        await device.PublishStringAsync("sensors/a", """{"n":1}""", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Stop);
        Assert.Equal("""{"n":1}""", (await app.ExpectAsync("/sensors", 1))[0].Body);

        using var published = await run.PostAsync("a", "/v1.0/publish/bus/commands/a", """{"on":true}""");
        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        await Eventually.HoldsAsync(() => got.Any(m => m.Topic == "commands/a"), "the device has the app's event");
        Assert.True(JsonDocument.Parse(got.First(m => m.Topic == "commands/a").Text).RootElement.GetProperty("data").GetProperty("on").GetBoolean());

        // The binding subscribes on its own time, so the device repeats itself until it is heard.
        await Eventually.HoldsAsync(() =>
        {
            device.PublishStringAsync("in/x", "ping", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Stop).GetAwaiter().GetResult();
            return app.All("/mq").Any(r => r.Method == "POST" && r.Body == "ping" && r.Headers["topic"] == "in/x");
        }, "the input binding told the app");
        using var sent = await run.PostAsync("a", "/v1.0/bindings/mq", """{"operation":"create","data":{"v":2},"metadata":{"topic":"out/y"}}""");
        Assert.Equal(HttpStatusCode.NoContent, sent.StatusCode);
        await Eventually.HoldsAsync(() => got.Contains(("out/y", """{"v":2}""")), "the device has what the output binding sent");

        // A tool of other people, where the machine has it.
        if (File.Exists("/usr/bin/mosquitto_pub"))
        {
            using var tool = Process.Start("/usr/bin/mosquitto_pub", ["-h", "127.0.0.1", "-p", port.ToString(), "-i", "tool", "-q", "1", "-t", "sensors/a", "-m", """{"n":2}"""]);
            await tool.WaitForExitAsync(Stop);
            Assert.Equal(0, tool.ExitCode);
            Assert.Equal("""{"n":2}""", (await app.ExpectAsync("/sensors", 2))[1].Body);
        }
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_and_a_url_that_is_none_stops_the_start()
    {
        await using var run = new TestRun();
        run.Add("a", $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: mq }
            spec: { type: bindings.mqtt3, version: v1, metadata: [ { name: url, value: "mqtt://127.0.0.2:{{FreePort.Take()}}" }, { name: direction, value: output } ] }
            """, withApp: false);
        await run.StartAsync();
        using var nowhere = await run.PostAsync("a", "/v1.0/bindings/mq", """{"operation":"create","data":1}""");
        Assert.Contains("no topic is named", await nowhere.Content.ReadAsStringAsync(Stop));
        await using var faulty = new TestRun();
        faulty.Add("a", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: mq }
            spec: { type: bindings.mqtt3, version: v1, metadata: [ { name: url, value: "http://x" } ] }
            """, withApp: false);
        Assert.Contains("component 'mq' (bindings.mqtt3) has url 'http://x'", (await Assert.ThrowsAsync<RuntimeException>(faulty.StartAsync)).Message);
    }
}
