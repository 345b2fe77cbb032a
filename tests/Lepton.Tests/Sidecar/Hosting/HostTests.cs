using System.Net;
using System.Net.Sockets;
using Lepton.Sidecar.Hosting;

namespace Lepton.Tests.Sidecar.Hosting;

public sealed class HostTests
{
    [Fact]
    public async Task A_port_in_use_is_named_with_app_and_cure()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false, change: o => o with { HttpPort = port });
        var fault = await Assert.ThrowsAsync<RuntimeException>(run.StartAsync);
        Assert.Contains($"Port {port} of app 'a' is in use", fault.Message);
        Assert.Contains("--dapr-http-port", fault.Message);
    }

    [Fact]
    public async Task A_component_nothing_serves_is_refused_by_name()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory.Replace("state.in-memory", "bindings.kafka"), withApp: false);
        var fault = await Assert.ThrowsAsync<RuntimeException>(run.StartAsync);
        Assert.Contains("component 'store' has type bindings.kafka", fault.Message);
    }

    [Fact]
    public async Task One_line_per_component_says_what_serves_it()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Durable, withApp: false);
        await run.StartAsync();
        Assert.Contains($"pubsub.redis 'bus' of a: emulated, durable, {Path.Combine(run.StateFolder, "runtime.db")}", run.Lines);
    }

    [Fact]
    public async Task A_token_is_asked_of_all_but_the_health_routes()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false, change: o => o with { ApiToken = "secret" });
        await run.StartAsync();
        using var refused = await run.Http.GetAsync(run.Url("a", "/v1.0/metadata"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var health = await run.Http.GetAsync(run.Url("a", "/v1.0/healthz/outbound"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, health.StatusCode);
        run.Http.DefaultRequestHeaders.Add("dapr-api-token", "secret");
        using var allowed = await run.Http.GetAsync(run.Url("a", "/v1.0/metadata"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task What_is_not_offered_says_so_by_name()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        await run.StartAsync();
        using var answer = await run.PostAsync("a", "/v1.0-alpha1/crypto/x/encrypt", "{}");
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("The cryptography API is not offered", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Flags_are_read_as_daprd_reads_them()
    {
        var options = CommandLine.Read(["--app-id", "a", "-dapr-http-port=1234", "--enable-metrics", "--log-level", "info", "--resources-path", "x", "--resources-path", "y", "--placement-host-address", "", "--max-body-size", "2Ki"]);
        var sidecar = Assert.Single(options.Sidecars);
        Assert.Equal(("a", 1234, 2048L), (sidecar.AppId, sidecar.HttpPort, sidecar.MaxBodySize));
        Assert.Equal(["x", "y"], sidecar.ResourcesPaths);
        Assert.Contains("--app-id is missing", Assert.Throws<RuntimeException>(() => CommandLine.Read([])).Message);
    }
}
