using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lepton.SystemTests.Golden;
using Microsoft.AspNetCore.Routing;

namespace Lepton.SystemTests.Fuzz;

/// <summary>Every HTTP route takes nonsense with an answer that says what is wrong; none hangs and none fails inside.</summary>
[Collection(GoldenCollection.Name)]
public sealed class HttpFuzzTests(FuzzedRuntime fuzzed) : IClassFixture<FuzzedRuntime>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public Task Every_route_takes_nonsense()
    {
        var routes = Routes();
        return Feeding.FewAsync(Feeding.Few * routes.Count, number => SendAsync(routes[number % routes.Count], new Nonsense(number)));
    }

    [Fact]
    [Trait("Category", "Long")]
    public Task Every_route_takes_much_nonsense()
    {
        var routes = Routes();
        return Feeding.ManyAsync((long)Feeding.Many * routes.Count, number => SendAsync(routes[number % routes.Count], new Nonsense(number)));
    }

    private List<(string Verb, string Path)> Routes()
    {
        var routes = fuzzed.Endpoints.Where(e => e.RoutePattern.RawText is { } text && text.StartsWith("/v1.0", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "PUT", "DELETE"]).Select(verb => (Verb: verb, Path: e.RoutePattern.RawText!)))
            .Where(route => !route.Path.EndsWith("/shutdown", StringComparison.Ordinal)).Distinct().ToList();
        Assert.True(routes.Count > 30, $"only {routes.Count} routes were found");
        return routes;
    }

    private async Task SendAsync((string Verb, string Path) route, Nonsense nonsense)
    {
        var verb = route.Verb;
        var target = Regex.Replace(route.Path, @"\{\*{0,2}[^}]+\}", hole => hole.Value.Contains('*', StringComparison.Ordinal)
            ? string.Join('/', Enumerable.Range(0, nonsense.Below(5)).Select(_ => nonsense.Name())) : nonsense.Name()) + nonsense.Query();
        var (headers, body) = (nonsense.Headers(), verb is "GET" ? null : nonsense.Body());
        JsonObject answer;
        try
        {
            answer = await Http1.SendAsync(fuzzed.HttpPort, verb, target, headers, body, Waits(target) ? TimeSpan.FromMilliseconds(100) : Patience);
        }
        catch (OperationCanceledException) when (Waits(target))
        {
            return;
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            throw new GoldenException($"{verb} {Short(target)} with {body?.Length ?? 0} bytes: {fault.Message}");
        }
        var status = (int)answer["status"]!;
        var text = answer.Text("text") ?? "";
        // 414 and 431 are the web server's own, before any of our code.
        if (status is < 400 or 414 or 431 || text.Length > 0) return;
        throw new GoldenException($"{verb} {Short(target)} {string.Join(", ", headers.Select(h => $"{h.Key}: {Short(h.Value)}"))} with {Short(System.Text.Encoding.UTF8.GetString(body ?? []))} answers {status} and says nothing");
    }

    /// <summary>A start of a workflow waits for a worker, and a call of an actor nobody hosts for a host.</summary>
    private static bool Waits(string target) => target.Contains("/workflows/", StringComparison.Ordinal) || target.Contains("/actors/", StringComparison.Ordinal);

    private static string Short(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
