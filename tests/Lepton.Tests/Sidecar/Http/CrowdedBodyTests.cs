using System.Net;

namespace Lepton.Tests.Sidecar.Http;

/// <summary>Bodies near the size limit that hold very many small things: each takes a time that grows with their number, not with its square.</summary>
public sealed class CrowdedBodyTests
{
    private const int Many = 200_000;

    [Fact]
    public async Task Crowds_of_members_elements_and_items_are_taken_in_time()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Durable, withApp: false);
        await run.StartAsync();
        var members = string.Join(',', Enumerable.Range(0, Many).Select(i => $"\"m{i}\":\"a\""));
        var elements = string.Join(',', Enumerable.Repeat("""{"b":1,"a":1}""", Many));
        var items = string.Join(',', Enumerable.Range(0, 70_000).Select(i => $$"""{"key":"k{{i}}","value":1}"""));

        await PostAsync("/v1.0/publish/bus/t", $"{{{members}}}", "application/cloudevents+json");
        await PostAsync("/v1.0/publish/bus/t", $"[{elements}]");
        await PostAsync("/v1.0/state/store", $"[{{\"key\":\"crowd\",\"value\":[{elements}]}}]");
        await PostAsync("/v1.0/state/store", $"[{items}]");

        Assert.Equal("1", await run.Http.GetStringAsync(run.Url("a", "/v1.0/state/store/k69999"), TestContext.Current.CancellationToken));

        async Task PostAsync(string path, string body, string contentType = "application/json")
        {
            using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(contentType));
            using var answer = await run.Http.PostAsync(run.Url("a", path), content, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.NoContent, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
    }
}
