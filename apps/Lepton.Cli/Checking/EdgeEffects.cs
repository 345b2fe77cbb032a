using System.Net;
using System.Text.Json;
using Dapr.Client;

namespace Lepton.Cli.Checking;

/// <summary>Asks the edge node, through the checker's own sidecar, what its twins and gates have counted.</summary>
internal sealed class EdgeEffects : IDisposable
{
    private readonly HttpClient edge = DaprClient.CreateInvokeHttpClient("lepton-edge");

    /// <summary>Distinct events that each device's twin has counted; 0 for a twin that does not exist.</summary>
    public Task<Dictionary<string, long>> TwinsAsync(IEnumerable<string> devices, CancellationToken cancellationToken) =>
        ReadAsync(devices, device => $"v1/twins/{Uri.EscapeDataString(device)}", "events", cancellationToken);

    /// <summary>Distinct feedbacks that each pipeline's gate has counted.</summary>
    public Task<Dictionary<string, long>> GatesAsync(IEnumerable<string> pipelines, CancellationToken cancellationToken) =>
        ReadAsync(pipelines, pipeline => $"v1/gates/{Uri.EscapeDataString(pipeline)}", "feedbacks", cancellationToken);

    public void Dispose() => edge.Dispose();

    private async Task<Dictionary<string, long>> ReadAsync(IEnumerable<string> names, Func<string, string> path, string member, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        foreach (var name in names)
        {
            using var answer = await edge.GetAsync(path(name), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                counts[name] = 0;
                continue;
            }

            answer.EnsureSuccessStatusCode();
            using var body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            counts[name] = body.RootElement.GetProperty(member).GetInt64();
        }

        return counts;
    }
}
