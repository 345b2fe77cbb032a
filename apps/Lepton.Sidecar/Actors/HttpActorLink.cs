using System.Net.Http.Headers;
using System.Text;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;

namespace Lepton.Sidecar.Actors;

/// <summary>An app that serves its actors over HTTP.</summary>
internal sealed class HttpActorLink(AppChannel app) : ActorLink
{
    internal override async Task<ActorReply> CallAsync(string type, string id, ActorCall call, string? chain, CancellationToken cancellationToken)
    {
        var path = $"actors/{InvocationPath.Escape(type)}/{InvocationPath.Escape(id)}/{call.Path}";
        using var request = app.Request(HttpMethod.Put, $"/{path}{call.Query}");
        request.Content = new ReadOnlyMemoryContent(call.Body);
        foreach (var (name, value) in call.Headers)
        {
            if (chain is not null && name.Equals(ActorCall.ReentrancyHeader, StringComparison.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        if (chain is not null) request.Headers.TryAddWithoutValidation(ActorCall.ReentrancyHeader, chain);
        HttpResponseMessage answer;
        byte[] body;
        try
        {
            answer = await app.SendAsync(request, cancellationToken).ConfigureAwait(false);
            body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            var away = fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
            var cause = $"Put \"{app.Address.GetLeftPart(UriPartial.Authority)}/{path}\": {(away ? $"dial tcp {app.Address.Authority}: connect: connection refused" : "EOF")}";
            throw new ActorFault(ActorFault.Invoke(cause).Error) { AppAway = away, MayRepeat = true };
        }
        using (answer)
        {
            var status = (int)answer.StatusCode;
            if (status == 200) return new ActorReply(Headers(answer), body);
            if (status == 404) throw ActorFault.Invoke($"actor method not found: actors/{type}/{id}/{Uri.UnescapeDataString(call.Path)}");
            throw new ActorFault(ActorFault.Invoke($"error from actor service: ({status}) {Encoding.UTF8.GetString(body)}").Error) { MayRepeat = true, Status = status };
        }
    }

    private static List<KeyValuePair<string, string[]>> Headers(HttpResponseMessage answer)
    {
        var headers = new List<KeyValuePair<string, string[]>>();
        Add(answer.Headers);
        Add(answer.Content.Headers);
        return headers;

        void Add(HttpHeaders from)
        {
            foreach (var (name, values) in from.NonValidated) headers.Add(new(name, [.. values]));
        }
    }

    internal override async Task DeactivateAsync(string type, string id, CancellationToken cancellationToken)
    {
        try
        {
            using var request = app.Request(HttpMethod.Delete, $"/actors/{InvocationPath.Escape(type)}/{InvocationPath.Escape(id)}");
            using var answer = await app.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or ObjectDisposedException)
        {
            // The app is gone.
        }
    }
}
