using System.Net;
using System.Text.Json.Nodes;

namespace Lepton.SystemTests.Golden;

/// <summary>HTTP/2 with prior knowledge, on a cleartext port.</summary>
internal static class Http2
{
    internal static async Task<JsonObject> SendAsync(int port, string verb, string target, IReadOnlyDictionary<string, string> headers, byte[]? body)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(verb), $"http://127.0.0.1:{port}{target}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (body is not null) request.Content = new Unmeasured(body);
        foreach (var (name, value) in headers)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        var all = new JsonObject();
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers)) all[name.ToLowerInvariant()] = string.Join(", ", values);
        var answer = new JsonObject { ["status"] = (int)response.StatusCode, ["headers"] = all };
        answer.PutBody(await response.Content.ReadAsByteArrayAsync(), all.Text("content-type"));
        return answer;
    }

    /// <summary>A body that comes without its length, as the recordings' own runner sends it.</summary>
    private sealed class Unmeasured(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
