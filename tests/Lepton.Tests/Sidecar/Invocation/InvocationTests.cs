using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Lepton.Tests.Sidecar.Invocation;

public sealed class InvocationTests
{
    private static string Endpoint(int port) => $$"""

        ---
        apiVersion: dapr.io/v1alpha1
        kind: HTTPEndpoint
        metadata: { name: up }
        spec: { baseUrl: "http://127.0.0.1:{{port}}/base", headers: [ { name: x-key, value: k } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec:
          policies: { retries: { once: { policy: constant, duration: 10ms, maxRetries: 0 } } }
          targets: { apps: { up: { retry: once } } }
        """;

    [Fact]
    public async Task Apps_of_a_run_call_each_other_by_id_and_know_who_calls()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        var b = run.Add("b", TestRun.Memory);
        b.Answer = r => Task.FromResult((418, $"{r.Method} {r.Path}{r.Query} {r.Body}"));
        await b.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("b");
        using var request = new HttpRequestMessage(HttpMethod.Put, run.Url("a", "/v1.0/invoke/b/method/x/y?q=1")) { Content = new StringContent("hi") };
        request.Headers.Add("dapr-caller-app-id", "evil");
        using var answer = await run.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(418, (int)answer.StatusCode);
        Assert.Equal("PUT /x/y?q=1 hi", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a", b.All("/x/y")[0].Headers["dapr-caller-app-id"]);
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, run.Url("a", "/z"));
        byHeader.Headers.Add("dapr-app-id", "b");
        using var second = await run.Http.SendAsync(byHeader, TestContext.Current.CancellationToken);
        Assert.Equal(418, (int)second.StatusCode);
        using var unknown = await run.Http.GetAsync(run.Url("a", "/v1.0/invoke/nobody/method/x"), TestContext.Current.CancellationToken);
        Assert.Contains("no host found", await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_link_counts_its_bytes_and_is_dead_while_cut()
    {
        await using var run = new TestRun { ControlPort = 0 };
        await using var up = new ProbeApp { Port = Lepton.Sidecar.Hosting.FreePort.Take() };
        await up.StartAsync();
        run.Add("a", TestRun.Memory + Endpoint(up.Port), withApp: false);
        await run.StartAsync();
        async Task<HttpStatusCode> CallAsync()
        {
            using var answer = await run.Http.PostAsync(run.Url("a", "/v1.0/invoke/up/method/m"), new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', 5_000))), TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }

        async Task<JsonElement> LinkAsync() =>
            (await run.Http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{run.Runtime.ControlPort}/control/status", TestContext.Current.CancellationToken)).GetProperty("links")[0];

        async Task CutAsync(bool cut)
        {
            using var answer = await run.Http.PostAsJsonAsync($"http://127.0.0.1:{run.Runtime.ControlPort}/control/links/a/up", new { cut }, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await CallAsync());
        Assert.Equal("k", up.All("/base/m")[0].Headers["x-key"]);
        var before = (await LinkAsync()).GetProperty("bytesSent").GetInt64();
        Assert.InRange(before, 5_000, 6_000);

        await CutAsync(true);
        Assert.Equal(HttpStatusCode.InternalServerError, await CallAsync());
        Assert.Single(up.All("/base/m"));
        Assert.True((await LinkAsync()).GetProperty("cut").GetBoolean());
        Assert.Equal(before, (await LinkAsync()).GetProperty("bytesSent").GetInt64());

        await CutAsync(false);
        Assert.Equal(HttpStatusCode.OK, await CallAsync());
        Assert.Equal(2, up.All("/base/m").Count);
    }

    [Fact]
    public async Task A_call_under_way_breaks_when_its_link_is_cut()
    {
        await using var run = new TestRun();
        await using var up = new ProbeApp { Port = Lepton.Sidecar.Hosting.FreePort.Take() };
        var hang = new TaskCompletionSource();
        up.Answer = async _ =>
        {
            await hang.Task;
            return (200, "");
        };
        await up.StartAsync();
        run.Add("a", TestRun.Memory + Endpoint(up.Port), withApp: false);
        await run.StartAsync();
        var call = run.Http.GetAsync(run.Url("a", "/v1.0/invoke/up/method/m"), TestContext.Current.CancellationToken);
        await up.ExpectAsync("/base/m", 1);
        run.Runtime.Sidecars["a"].Invoker.Links["up"].Cut = true;
        using var answer = await call;
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        hang.SetResult();
    }
}
