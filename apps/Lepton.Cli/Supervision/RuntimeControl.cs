using System.Net.Http.Json;
using System.Text.Json;

namespace Lepton.Cli.Supervision;

/// <summary>The runtime's control port: what its links carried, and the switch that cuts them.</summary>
internal sealed class RuntimeControl(HttpClient http, int port)
{
    /// <summary>The name of the way to the tier above, in every profile.</summary>
    private const string Uplink = "lepton-up";

    private readonly Uri status = new($"http://127.0.0.1:{port}/control/status");

    /// <summary>Bytes sent to the tier above by all apps, and whether that way is cut; null while the runtime does not answer.</summary>
    public async Task<UplinkState?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var body = await http.GetFromJsonAsync<JsonElement>(status, cancellationToken);
            var links = body.GetProperty("links").EnumerateArray().Where(link => link.GetProperty("endpoint").GetString() == Uplink).ToList();
            return new UplinkState(
                links.Sum(link => link.GetProperty("bytesSent").GetInt64()),
                links.Exists(link => link.GetProperty("cut").GetBoolean()),
                [.. links.Select(link => link.GetProperty("app").GetString()!)]);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Cuts or restores the way to the tier above for every app that has one.</summary>
    public async Task CutAsync(bool cut, CancellationToken cancellationToken)
    {
        var state = await ReadAsync(cancellationToken) ?? throw new CommandException($"the runtime does not answer on its control port {port}; look into its log");
        foreach (var app in state.Apps)
        {
            using var answer = await http.PostAsJsonAsync(new Uri(status, $"/control/links/{app}/{Uplink}"), new { cut }, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new CommandException($"the runtime refused to {(cut ? "cut" : "restore")} the uplink of '{app}': {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }
    }
}

/// <summary>The way to the tier above.</summary>
internal sealed record UplinkState(long Bytes, bool Cut, IReadOnlyList<string> Apps);
