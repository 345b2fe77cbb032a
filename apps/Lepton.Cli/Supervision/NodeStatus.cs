using System.Text.Json;

namespace Lepton.Cli.Supervision;

/// <summary>What the edge node says of itself: <c>GET /v1/status</c>.</summary>
internal static class NodeStatus
{
    public static async Task<ServedPipelines> ServedAsync(HttpClient http, Uri edge, CancellationToken cancellationToken)
    {
        try
        {
            using var status = await ReadAsync(http, edge, cancellationToken);
            return new ServedPipelines(
                [.. status.RootElement.GetProperty("pipelines").EnumerateObject().Select(pipeline => pipeline.Name)],
                [.. status.RootElement.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString() ?? "")]);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException)
        {
            throw new CommandException($"what answers on port {edge.Port} is no Lepton node ({error.Message}); another program may have taken the port: end it, or change `appPort` in dapr.yaml");
        }
    }

    /// <summary>By pipeline the bytes of the questions asked since the node was started, and where its gate stands; empty while it does not answer.</summary>
    public static async Task<IReadOnlyDictionary<string, (long Questions, string? Gate)>> PipelinesAsync(HttpClient http, Uri edge, CancellationToken cancellationToken)
    {
        try
        {
            using var status = await ReadAsync(http, edge, cancellationToken);
            return status.RootElement.GetProperty("pipelines").EnumerateObject()
                .ToDictionary(pipeline => pipeline.Name, pipeline => (
                    pipeline.Value.GetProperty("counts").GetProperty("uplinkBytes").GetInt64(),
                    pipeline.Value.TryGetProperty("gate", out var gate) ? gate.GetString() : null));
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new Dictionary<string, (long, string?)>();
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpClient http, Uri edge, CancellationToken cancellationToken) =>
        JsonDocument.Parse(await http.GetStringAsync(new Uri(edge, "/v1/status"), cancellationToken));
}
