using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Publishes as an app without SDK would: JSON of about 500 bytes over HTTP.</summary>
internal sealed class Publisher : IDisposable
{
    private const string Padding = "the quick brown fox jumps over the lazy dog and goes on to count sheep until the morning comes; ";
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly string Rest = string.Concat(Enumerable.Repeat(Padding, 5))[..440];
    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256, UseProxy = false, ActivityHeadersPropagator = null });

    public async Task PostAsync(string url, byte[] body, string? type = null)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = type is null ? Json : new(type) } };
        using var answer = await http.PostAsync(url, content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{url} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    public async Task GetAsync(string url)
    {
        using var answer = await http.GetAsync(url);
        answer.EnsureSuccessStatusCode();
    }

    public static byte[] Event() => Encoding.UTF8.GetBytes($$"""{"at":{{Stopwatch.GetTimestamp()}},"text":"{{Rest}}"}""");

    public static byte[] Events(int count)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append($$"""{"entryId":"{{i}}","contentType":"application/json","event":""").Append(Encoding.UTF8.GetString(Event())).Append('}');
        }

        return Encoding.UTF8.GetBytes(text.Append(']').ToString());
    }

    public void Dispose() => http.Dispose();
}
