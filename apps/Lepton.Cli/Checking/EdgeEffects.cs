using System.Net;
using System.Text.Json;
using Dapr.Client;

namespace Lepton.Cli.Checking;

/// <summary>Asks the edge node, through the checker's own sidecar, what its twins and gates have counted.</summary>
internal sealed class EdgeEffects : IDisposable
{
    private readonly HttpClient edge = DaprClient.CreateInvokeHttpClient("lepton-edge");

    /// <summary>Distinct events that each device's twin has counted, by device and pipeline; a twin that does not exist has counted none.</summary>
    public async Task<Dictionary<string, Dictionary<string, long>>> TwinsAsync(IEnumerable<string> devices, CancellationToken cancellationToken)
    {
        var twins = new Dictionary<string, Dictionary<string, long>>();
        foreach (var device in devices)
        {
            using var twin = await ReadAsync($"v1/twins/{Uri.EscapeDataString(device)}", cancellationToken);
            twins[device] = twin is null ? [] : twin.RootElement.GetProperty("pipelines").EnumerateObject().ToDictionary(page => page.Name, page => page.Value.GetProperty("events").GetInt64());
        }

        return twins;
    }

    /// <summary>Distinct feedbacks on second revisions that each pipeline's gate has counted.</summary>
    public async Task<Dictionary<string, long>> GatesAsync(IEnumerable<string> pipelines, CancellationToken cancellationToken)
    {
        var gates = new Dictionary<string, long>();
        foreach (var pipeline in pipelines)
        {
            using var body = await ReadAsync($"v1/gates/{Uri.EscapeDataString(pipeline)}", cancellationToken);
            gates[pipeline] = body?.RootElement.GetProperty("endings").GetInt64() ?? 0;
        }

        return gates;
    }

    public void Dispose() => edge.Dispose();

    private async Task<JsonDocument?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await edge.GetAsync(path, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        answer.EnsureSuccessStatusCode();
        return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
    }
}
