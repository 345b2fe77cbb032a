using System.Net;
using System.Text;
using Dapr.Client;
using Lepton.Sidecar.Hosting;

namespace Lepton.Tests.Sidecar.Bindings;

public sealed class BindingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Binding(string name, string type, params (string Name, string Value)[] metadata) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: {{name}} }
        spec: { type: {{type}}, version: v1, metadata: [ {{string.Join(", ", metadata.Select(m => $"{{ name: {m.Name}, value: \"{m.Value}\" }}"))}} ] }
        ---

        """;

    [Fact]
    public async Task The_official_client_keeps_files_and_calls_a_url()
    {
        var folder = Directory.CreateTempSubdirectory("lepton-test-");
        await using var run = new TestRun();
        await using var far = new ProbeApp { Port = FreePort.Take() };
        far.Answer = r => Task.FromResult(r.Path == "/bad" ? (503, "busy") : (200, $"{r.Method} {r.Headers["x-key"]} {r.Body}"));
        await far.StartAsync();
        run.Add("a", Binding("files", "bindings.localstorage", ("rootPath", folder.FullName)) + Binding("far", "bindings.http", ("url", $"http://127.0.0.1:{far.Port}")), withApp: false);
        await run.StartAsync();
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").Build();

        var make = new BindingRequest("files", "create") { Data = "\"a text\""u8.ToArray(), Metadata = { ["fileName"] = "../../d/x.txt" } };
        await dapr.InvokeBindingAsync(make, Stop);
        Assert.Equal("a text", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "d", "x.txt"), Stop));
        var read = await dapr.InvokeBindingAsync(new BindingRequest("files", "get") { Metadata = { ["fileName"] = "d/x.txt" } }, Stop);
        Assert.Equal("a text", Encoding.UTF8.GetString(read.Data.Span));

        var put = await dapr.InvokeBindingAsync(new BindingRequest("far", "put") { Data = "1"u8.ToArray(), Metadata = { ["path"] = "/x", ["X-Key"] = "k" } }, Stop);
        Assert.Equal(("PUT k 1", "200"), (Encoding.UTF8.GetString(put.Data.Span), put.Metadata["statusCode"]));
        using var bad = await run.PostAsync("a", "/v1.0/bindings/far", """{"operation":"get","metadata":{"path":"bad"}}""");
        Assert.Equal((HttpStatusCode.InternalServerError, "503"), (bad.StatusCode, bad.Headers.GetValues("metadata.statusCode").Single()));
        Assert.Contains("error invoking output binding far: received status code 503", await bad.Content.ReadAsStringAsync(Stop));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Files_hold_what_base64_stands_for_and_folders_list_and_go_as_in_daprd()
    {
        var folder = Directory.CreateTempSubdirectory("lepton-test-");
        await using var run = new TestRun();
        run.Add("a", Binding("files", "bindings.localstorage", ("rootPath", folder.FullName)), withApp: false);
        await run.StartAsync();
        Assert.Equal("null", await CallAsync("""{"operation":"list"}"""));
        await CallAsync("""{"operation":"create","data":"AAEC/w==","metadata":{"fileName":"d/bytes"}}""");
        Assert.Equal([0, 1, 2, 255], await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "d", "bytes"), Stop));
        Assert.Contains($"error deleting file {folder.FullName}/d: remove {folder.FullName}/d: directory not empty", await CallAsync("""{"operation":"delete","metadata":{"fileName":"d"}}"""));
        Assert.Contains($"error getting stats for path {folder.FullName}/e: stat {folder.FullName}/e: no such file or directory", await CallAsync("""{"operation":"list","metadata":{"fileName":"e"}}"""));
        Assert.Contains($"unable to list files as the file specified is not a directory: {folder.FullName}/d/bytes", await CallAsync("""{"operation":"list","metadata":{"fileName":"d/bytes"}}"""));
        await CallAsync("""{"operation":"delete","metadata":{"fileName":"d/bytes"}}""");
        Assert.Equal("", await CallAsync("""{"operation":"delete","metadata":{"fileName":"d"}}"""));
        Assert.Empty(folder.EnumerateFileSystemInfos());
        folder.Delete();

        async Task<string> CallAsync(string body)
        {
            using var answer = await run.PostAsync("a", "/v1.0/bindings/files", body);
            return await answer.Content.ReadAsStringAsync(Stop);
        }
    }

    [Fact]
    public async Task A_long_answer_of_a_url_is_cut_and_a_late_one_given_up()
    {
        await using var run = new TestRun();
        await using var far = new ProbeApp { Port = FreePort.Take() };
        far.Answer = async r =>
        {
            if (r.Path == "/late") await Task.Delay(2000);
            return (418, new string('x', 100));
        };
        await far.StartAsync();
        run.Add("a", Binding("far", "bindings.http", ("url", $"http://127.0.0.1:{far.Port}"), ("maxResponseBodySize", "10"), ("errorIfNot2XX", "no"), ("responseTimeout", "300ms")), withApp: false);
        await run.StartAsync();
        using var cut = await run.PostAsync("a", "/v1.0/bindings/far", """{"operation":"get"}""");
        Assert.Equal((HttpStatusCode.OK, "xxxxxxxxxx"), (cut.StatusCode, await cut.Content.ReadAsStringAsync(Stop)));
        Assert.Equal("Go-http-client/1.1", (await far.ExpectAsync("/", 1))[0].Headers["user-agent"]);
        using var late = await run.PostAsync("a", "/v1.0/bindings/far", """{"operation":"get","metadata":{"path":"late"}}""");
        Assert.Contains("/late\\\": context deadline exceeded\"", await late.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_link_does_not_lead_out_of_the_root()
    {
        var folder = Directory.CreateTempSubdirectory("lepton-test-");
        var outside = Directory.CreateTempSubdirectory("lepton-test-");
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "out"), outside.FullName);
        await using var run = new TestRun();
        run.Add("a", Binding("files", "bindings.localstorage", ("rootPath", folder.FullName)), withApp: false);
        await run.StartAsync();
        using var answer = await run.PostAsync("a", "/v1.0/bindings/files", """{"operation":"create","data":"x","metadata":{"fileName":"out/x.txt"}}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(outside.EnumerateFiles());
        outside.Delete();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_schedule_that_is_none_and_a_type_not_served_stop_the_start()
    {
        await using var run = new TestRun();
        run.Add("a", Binding("tick", "bindings.cron", ("schedule", "now and then")), withApp: false);
        var fault = await Assert.ThrowsAsync<RuntimeException>(run.StartAsync);
        Assert.Contains("'tick' (bindings.cron) has schedule 'now and then'", fault.Message);
        await using var other = new TestRun();
        other.Add("a", Binding("k", "bindings.kafka"), withApp: false);
        fault = await Assert.ThrowsAsync<RuntimeException>(other.StartAsync);
        Assert.Contains("'k' has type bindings.kafka, which Lepton's embedded runtime does not serve", fault.Message);
    }
}
