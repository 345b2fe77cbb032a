using System.Text.Json;
using Lepton.Sidecar.Hosting;

namespace Lepton.SystemTests.Sidecar.Workers;

/// <summary>An app written with the JavaScript SDK: what it saves, publishes, invokes and remembers works as with the SDK of .NET.</summary>
public sealed class JavaScriptAppTests
{
    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" }, { name: actorStateStore, value: "true" } ] }
        """;

    [Fact]
    public async Task State_events_invocation_and_actors_work_over_http_and_grpc()
    {
        JavaScript.Require();
        var folder = Directory.CreateTempSubdirectory("lepton-javascript-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "resources.yaml"), Resources, TestContext.Current.CancellationToken);
        var appPort = FreePort.Take();
        var sidecar = new SidecarOptions { AppId = "js-app", AppPort = appPort, ResourcesPaths = [folder.FullName] };
        await using (var runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions { Sidecars = [sidecar], Log = static _ => { } }, TestContext.Current.CancellationToken))
        {
            var (http, grpc) = runtime.PortsOf("js-app");
            var lines = new List<string>();
            using var app = await JavaScript.StartAsync(line => { lock (lines) lines.Add(line); }, "app.js", $"{appPort}", $"{http}", $"{grpc}");
            await app.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
            var answer = lines.Find(line => line.StartsWith("answers ", StringComparison.Ordinal));
            Assert.True(answer is not null, string.Join('\n', lines));
            var got = JsonDocument.Parse(answer[8..]).RootElement;
            foreach (var way in (string[])["http", "grpc"])
            {
                var state = got.GetProperty(way);
                Assert.Equal(1, state.GetProperty("object").GetProperty("n").GetInt32());
                Assert.Equal(["a", "b", "none"], state.GetProperty("bulk").EnumerateArray().Select(key => key.GetString()));
                Assert.Equal("three", state.GetProperty("kept").GetString());
                Assert.Equal("", state.GetProperty("deleted").GetString());
                Assert.Equal("", state.GetProperty("gone").GetString());
            }
            Assert.Equal("ada", got.GetProperty("invoked").GetProperty("said").GetString());
            Assert.Equal(5, got.GetProperty("count").GetInt32());
            Assert.Equal(1, got.GetProperty("reminders").GetInt32());
        }
        folder.Delete(recursive: true);
    }
}
