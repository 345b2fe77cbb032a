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
            using var listener = Process.Start(new ProcessStartInfo("/usr/bin/mosquitto_sub", ["-h", "127.0.0.1", "-p", port.ToString(), "-i", "ear", "-q", "1", "-t", "heard/#", "-C", "1", "-v", "-W", "20"]) { RedirectStandardOutput = true })!;
            var heard = listener.StandardOutput.ReadToEndAsync(Stop);
            while (!heard.IsCompleted)
            {
                // It subscribes on its own time.
                (await run.PostAsync("a", "/v1.0/bindings/mq", """{"operation":"create","data":{"v":3},"metadata":{"topic":"heard/z"}}""")).Dispose();
                await Task.WhenAny(heard, Task.Delay(200, Stop));
            }
            Assert.Equal("heard/z {\"v\":3}\n", await heard);
            Assert.Equal("""{"n":2}""", (await app.ExpectAsync("/sensors", 2))[1].Body);
        }
    }

    [Fact]
    public async Task A_subscription_with_wildcards_gets_what_it_matches_also_after_a_restart()
    {
        await using var run = new TestRun();
        var port = FreePort.Take();
        var app = run.Add("a", Resources(port).Replace("topic: sensors/a", "topic: sensors/+/heat", StringComparison.Ordinal)
            + "\n---\napiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: { name: all }\nspec: { pubsubname: bus, topic: \"sensors/#\", route: /all }");
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        foreach (var topic in (string[])["sensors/a/heat", "sensors/a/cold", "other/a/heat", "sensors"]) (await run.PostAsync("a", $"/v1.0/publish/bus/{topic}", "1")).Dispose();
        var all = await app.ExpectAsync("/all", 3);
        Assert.Equal(["sensors", "sensors/a/cold", "sensors/a/heat"], all.Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("topic").GetString()).Order());
        Assert.Single(await app.ExpectAsync("/sensors", 1));
        await app.StopAsync();
        await run.RestartAsync();
        (await run.PostAsync("a", "/v1.0/publish/bus/sensors/b/heat", "2")).Dispose();
        await app.StartAsync();
        Assert.Equal(2, (await app.ExpectAsync("/sensors", 2)).Count);
    }

    [Fact]
    public async Task A_binding_reaches_a_broker_over_tls_with_certificates_of_both_sides()
    {
        using var authorityKey = System.Security.Cryptography.RSA.Create(2048);
        using var authority = Certificate("authority", authorityKey, null);
        using var brokerKey = System.Security.Cryptography.RSA.Create(2048);
        using var broker = Certificate("localhost", brokerKey, authority);
        using var deviceKey = System.Security.Cryptography.RSA.Create(2048);
        using var device = Certificate("device", deviceKey, authority);
        const string Mosquitto = "/usr/sbin/mosquitto";
        if (!File.Exists(Mosquitto)) Assert.Skip("mosquitto is not installed");
        var folder = Directory.CreateTempSubdirectory("lepton-test-");
        var port = FreePort.Take();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ca.pem"), authority.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "broker.pem"), broker.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "broker.key"), brokerKey.ExportPkcs8PrivateKeyPem(), Stop);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "mosquitto.conf"),
            $"user root\nlistener {port} 127.0.0.1\ncafile {folder}/ca.pem\ncertfile {folder}/broker.pem\nkeyfile {folder}/broker.key\nrequire_certificate true\nallow_anonymous true\n", Stop);
        using var server = Process.Start(new ProcessStartInfo(Mosquitto, ["-c", Path.Combine(folder.FullName, "mosquitto.conf")]) { RedirectStandardError = true })!;
        var lines = server.StandardError.ReadToEndAsync(Stop);
        await Eventually.HoldsAsync(() => AppChannel.AnswersAsync("127.0.0.1", port, Stop).GetAwaiter().GetResult(), "mosquitto listens");
        await using var run = new TestRun();
        run.Add("a", $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: mq }
            spec:
              type: bindings.mqtt3
              version: v1
              metadata:
              - { name: url, value: "mqtts://localhost:{{port}}" }
              - { name: topic, value: out }
              - { name: direction, value: output }
              - { name: caCert, value: "{{Pem(authority.ExportCertificatePem())}}" }
              - { name: clientCert, value: "{{Pem(device.ExportCertificatePem())}}" }
              - { name: clientKey, value: "{{Pem(deviceKey.ExportPkcs8PrivateKeyPem())}}" }
            """, withApp: false);
        await run.StartAsync();
        using var sent = await run.PostAsync("a", "/v1.0/bindings/mq", """{"operation":"create","data":1}""");
        server.Kill();
        Assert.True(sent.StatusCode == HttpStatusCode.NoContent, await sent.Content.ReadAsStringAsync(Stop) + await lines);
        folder.Delete(recursive: true);

        static string Pem(string text) => text.ReplaceLineEndings("\\n");

        static System.Security.Cryptography.X509Certificates.X509Certificate2 Certificate(string name, System.Security.Cryptography.RSA key, System.Security.Cryptography.X509Certificates.X509Certificate2? issuer)
        {
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest($"CN={name}", key, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension(issuer is null, false, 0, true));
            var names = new System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            var (from, to) = issuer is null ? (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)) : (issuer.NotBefore, (DateTimeOffset)issuer.NotAfter);
            if (issuer is null) return request.CreateSelfSigned(from, to);
            using var made = request.Create(issuer, from, to, [(byte)name.Length, 7, 7]);
            return System.Security.Cryptography.X509Certificates.RSACertificateExtensions.CopyWithPrivateKey(made, key);
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
