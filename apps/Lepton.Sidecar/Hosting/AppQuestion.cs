namespace Lepton.Sidecar.Hosting;

/// <summary>A question the sidecar asks its app at the start (its configuration, its subscriptions). An app that breaks off is asked again; 404 means "none".</summary>
internal static class AppQuestion
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    internal static async Task<byte[]?> AskAsync(VirtualSidecar sidecar, string path, CancellationToken stop)
    {
        if (sidecar.Options.DisabledQuestions.Contains(path["/dapr/".Length..])) return null;
        while (true)
        {
            try
            {
                using var request = sidecar.App.Request(HttpMethod.Get, path);
                request.Content = new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                request.Headers.TryAddWithoutValidation("dapr-app-id", sidecar.AppId);
                using var answer = await sidecar.App.SendAsync(request, stop).ConfigureAwait(false);
                if ((int)answer.StatusCode == 200) return await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
                if ((int)answer.StatusCode != 404) sidecar.Runtime.Log($"{sidecar.AppId}: the app answered {(int)answer.StatusCode} to GET {path}; taken as none");
                return null;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(Pause, sidecar.Runtime.Time, stop).ConfigureAwait(false);
            }
        }
    }
}
