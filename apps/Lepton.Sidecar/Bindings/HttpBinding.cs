using System.Net;
using System.Net.Sockets;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Bindings;

/// <summary>bindings.http: calls a URL; the operation is the verb, and metadata that begin with a capital are headers.</summary>
internal sealed class HttpBinding : OutputBinding, IDisposable
{
    private const string Json = "application/json; charset=utf-8";
    private const long MostBytes = 100L << 20;
    private readonly Uri address;
    private readonly HttpClient client;
    private readonly bool failsOtherThan2xx;
    private readonly long maxAnswer;
    private readonly (string Name, string Value)? token;

    internal HttpBinding(Component component)
    {
        address = component["url"] is { } url && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? parsed
            : throw new RuntimeException($"component '{component.Name}' (bindings.http) has url '{component["url"]}'. Write an address that begins with http:// or https://.");
        failsOtherThan2xx = component["errorIfNot2XX"] is not { Length: > 0 } fails || Truth.IsOn(fails);
        maxAnswer = component["maxResponseBodySize"] is { } size && Quantity.TryBytes(size, out var bytes) ? bytes : MostBytes;
        token = component["securityToken"] is { } value && component["securityTokenHeader"] is { } name ? (name, value) : null;
        var handler = AppHandler.Create();
        handler.AllowAutoRedirect = true;
        handler.AutomaticDecompression = DecompressionMethods.GZip;
        client = new HttpClient(handler) { Timeout = component["responseTimeout"] is { } limit && Quantity.TryDuration(limit, out var length) ? length : Timeout.InfiniteTimeSpan };
    }

    internal override IReadOnlyList<string> Operations { get; } = ["create", "get", "head", "post", "put", "patch", "delete", "options", "trace"];

    internal override async Task<BindingReply> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        using var request = Request(operation.ToUpperInvariant(), data, metadata);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            var body = await ReadAsync(answer, stop).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            var told = new Dictionary<string, string> { ["statusCode"] = status.ToString(), ["status"] = $"{status} {answer.ReasonPhrase}" };
            foreach (var (name, values) in answer.Headers.NonValidated) told[Canonical(name)] = values.ToString();
            foreach (var (name, values) in answer.Content.Headers.NonValidated) told[Canonical(name)] = values.ToString();
            told.Remove("Transfer-Encoding");
            var strict = metadata.GetValueOrDefault("errorIfNot2XX") is { Length: > 0 } own ? Truth.IsOn(own) : failsOtherThan2xx;
            return new(body, told, strict && status is < 200 or >= 300 ? $"received status code {status}" : null);
        }
        catch (HttpRequestException fault)
        {
            return BindingReply.Failed(Describe(request, fault));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return BindingReply.Failed($"{Call(request)}: context deadline exceeded");
        }
    }

    private HttpRequestMessage Request(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        var method = operation == "CREATE" ? HttpMethod.Post : new HttpMethod(operation);
        var path = metadata.GetValueOrDefault("path");
        var request = new HttpRequestMessage(method, path is { Length: > 0 } ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/" + path.TrimStart('/')) : address);
        if (method == HttpMethod.Post || method == HttpMethod.Put || method == HttpMethod.Patch)
        {
            request.Content = new ReadOnlyMemoryContent(data);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", Json);
        }
        request.Headers.TryAddWithoutValidation("Accept", Json);
        request.Headers.TryAddWithoutValidation("User-Agent", "Go-http-client/1.1");
        if (token is var (name, value)) request.Headers.TryAddWithoutValidation(name, value);
        foreach (var (key, text) in metadata)
        {
            if (key.Length == 0 || (!char.IsUpper(key[0]) && key is not ("traceparent" or "tracestate" or "baggage"))) continue;
            if (request.Headers.NonValidated.Contains(key)) request.Headers.Remove(key);
            if (request.Headers.TryAddWithoutValidation(key, text)) continue;
            request.Content?.Headers.Remove(key);
            request.Content?.Headers.TryAddWithoutValidation(key, text);
        }
        return request;
    }

    /// <summary>The body up to the limit; what is beyond it is left.</summary>
    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (maxAnswer <= 0) return await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        await using var stream = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        using var kept = new MemoryStream();
        var piece = new byte[16 << 10];
        while (kept.Length < maxAnswer && await stream.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, maxAnswer - kept.Length)), stop).ConfigureAwait(false) is > 0 and var read) kept.Write(piece, 0, read);
        return kept.ToArray();
    }

    /// <summary>A header's name as Go spells it.</summary>
    private static string Canonical(string name) => string.Join('-', name.Split('-').Select(static part => part.Length == 0 ? "" : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));

    private static string Call(HttpRequestMessage request) => $"{request.Method.Method[..1]}{request.Method.Method[1..].ToLowerInvariant()} \"{request.RequestUri}\"";

    private static string Describe(HttpRequestMessage request, HttpRequestException fault) => fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        ? $"{Call(request)}: dial tcp {request.RequestUri!.Host}:{request.RequestUri.Port}: connect: connection refused"
        : $"{Call(request)}: {(fault.HttpRequestError == HttpRequestError.ResponseEnded ? "EOF" : fault.InnerException?.Message ?? fault.Message)}";

    public void Dispose() => client.Dispose();
}
