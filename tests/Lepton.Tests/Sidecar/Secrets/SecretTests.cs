using Dapr.Client;
using Grpc.Core;

namespace Lepton.Tests.Sidecar.Secrets;

public sealed class SecretTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_client_reads_secrets_and_components_take_theirs_from_the_same_store()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"broker":{"host":"localhost:6379"},"plain":"p"}""", Stop);
        await using var run = new TestRun();
        run.Add("a", $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: secrets }
            spec: { type: secretstores.local.file, version: v1, metadata: [ { name: secretsFile, value: "{{file}}" }, { name: multiValued, value: "true" } ] }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: store }
            auth: { secretStore: secrets }
            spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, secretKeyRef: { name: broker, key: host } } ] }
            """, withApp: false);
        await run.StartAsync();
        Assert.Equal("localhost:6379", run.Runtime.Sidecars["a"].Resources.Components["store"]["redisHost"]);
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").Build();
        Assert.Equal("localhost:6379", (await dapr.GetSecretAsync("secrets", "broker", cancellationToken: Stop))["host"]);
        Assert.Equal(["broker", "plain"], (await dapr.GetBulkSecretAsync("secrets", cancellationToken: Stop)).Keys.Order());
        var unknown = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetSecretAsync("nostore", "x", cancellationToken: Stop));
        Assert.Equal(StatusCode.InvalidArgument, ((RpcException)unknown.InnerException!).StatusCode);
        File.Delete(file);
    }
}
