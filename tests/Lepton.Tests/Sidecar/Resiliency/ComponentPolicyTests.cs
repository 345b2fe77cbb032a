using System.Net;
using System.Text.Json;

namespace Lepton.Tests.Sidecar.Resiliency;

/// <summary>Outbound policies of components as callers of the API see them.</summary>
public sealed class ComponentPolicyTests
{
    private const string Resources = TestRun.Memory + """

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: secrets }
        spec: { type: secretstores.local.file, version: v1, metadata: [ { name: secretsFile, value: "FILE" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: policies }
        spec:
          policies:
            retries:
              slow: { policy: constant, duration: 150ms, maxRetries: 2 }
            circuitBreakers:
              breaker: { maxRequests: 1, timeout: 60s, trip: consecutiveFailures >= 2 }
          targets:
            components:
              store: { outbound: { circuitBreaker: breaker } }
              secrets: { outbound: { retry: slow } }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<TestRun> StartAsync()
    {
        var run = new TestRun();
        var file = run.StateFolder + "-secrets.json";
        await File.WriteAllTextAsync(file, """{"a":"1"}""", Stop);
        run.Add("a", Resources.Replace("FILE", file, StringComparison.Ordinal), withApp: false);
        await run.StartAsync();
        return run;
    }

    [Fact]
    public async Task Refused_etags_open_a_breaker_and_then_reads_are_refused_too()
    {
        await using var run = await StartAsync();
        for (var i = 0; i < 2; i++)
        {
            using var refused = await run.PostAsync("a", "/v1.0/state/store", """[{"key":"k","value":1,"etag":"nope"}]""");
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        }
        using var saved = await run.PostAsync("a", "/v1.0/state/store", """[{"key":"k","value":1}]""");
        Assert.Equal((500, "failed saving state in state store store: circuit breaker is open"), await ReadAsync(saved));
        using var read = await run.Http.GetAsync(run.Url("a", "/v1.0/state/store/k"), Stop);
        Assert.Equal((500, "fail to get k from state store store: circuit breaker is open"), await ReadAsync(read));
        using var bulk = await run.PostAsync("a", "/v1.0/state/store/bulk", """{"keys":["k"]}""");
        Assert.Equal((500, "circuit breaker is open"), await ReadAsync(bulk));
    }

    [Fact]
    public async Task A_missing_secret_is_looked_for_again()
    {
        await using var run = await StartAsync();
        var begun = TimeProvider.System.GetTimestamp();
        using var missing = await run.Http.GetAsync(run.Url("a", "/v1.0/secrets/secrets/b"), Stop);
        Assert.Equal((500, "failed getting secret with key b from secret store secrets: secret b not found"), await ReadAsync(missing));
        Assert.True(TimeProvider.System.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(300));
    }

    private static async Task<(int Status, string Message)> ReadAsync(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("message").GetString()!);
}
