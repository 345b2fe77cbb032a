using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Invocation;

/// <summary>What passes from a caller's request to the app and back: everything that is not of one hop.</summary>
internal static class Forwarding
{
    private static readonly HashSet<string> OneHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "TE", "Trailer", "Proxy-Authenticate", "Proxy-Authorization",
    };

    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase) { "Host", "dapr-app-id", "dapr-api-token", "traceparent", "tracestate", "Content-Length" };

    private static readonly HashSet<string> Caller = new(StringComparer.OrdinalIgnoreCase) { "dapr-caller-app-id", "dapr-callee-app-id", "dapr-caller-namespace" };

    internal static bool IsOfOneHop(string name) => OneHop.Contains(name);

    /// <summary>Copies headers and body. A body that may have to be sent again comes as <paramref name="replayable"/>.</summary>
    internal static void CopyRequest(HttpContext context, HttpRequestMessage request, byte[]? replayable, long limit, bool remote)
    {
        if (replayable is not null) request.Content = new ByteArrayContent(replayable);
        else if (HasBody(context)) request.Content = new StreamContent(new LimitedStream(context.Request.Body, limit));
        else request.Content = new NoBody();
        var named = context.Request.Headers.Connection.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (OneHop.Contains(name) || Ours.Contains(name) || name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) || named.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (remote && Caller.Contains(name)) continue;
            var joined = (IEnumerable<string>)values!;
            if (!request.Headers.TryAddWithoutValidation(name, joined)) request.Content.Headers.TryAddWithoutValidation(name, joined);
        }
        if (request.Content is StreamContent && context.Request.ContentLength is { } length) request.Content.Headers.ContentLength = length;
    }

    /// <summary>The verb toward an app: one that HTTP does not know arrives as POST.</summary>
    internal static HttpMethod VerbOf(string verb) => verb is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" or "TRACE" or "CONNECT" ? new HttpMethod(verb) : HttpMethod.Post;

    internal static bool HasBody(HttpContext context) => context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0
        || (HttpProtocol.IsHttp2(context.Request.Protocol) && context.Request.ContentLength is null && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method));

    /// <summary>Who calls whom, for an app that is not the caller's own.</summary>
    internal static void AddCaller(HttpContext context, HttpRequestMessage request, string caller, string callee)
    {
        request.Headers.TryAddWithoutValidation("dapr-caller-app-id", caller);
        request.Headers.TryAddWithoutValidation("dapr-callee-app-id", callee);
        request.Headers.TryAddWithoutValidation("dapr-caller-namespace", VirtualSidecar.Namespace);
        var from = context.Connection.RemoteIpAddress?.MapToIPv4().ToString() ?? "127.0.0.1";
        var by = context.Connection.LocalIpAddress?.MapToIPv4().ToString() ?? "127.0.0.1";
        Append(request, "X-Forwarded-For", from);
        Append(request, "X-Forwarded-Host", context.Request.Host.Value ?? "");
        Append(request, "Forwarded", $"for={from};by={by};host={context.Request.Host.Value}");
    }

    internal static void AddHeaders(HttpRequestMessage request, HttpEndpoint endpoint)
    {
        foreach (var (name, value) in endpoint.Headers)
        {
            request.Headers.Remove(name);
            if (request.Headers.TryAddWithoutValidation(name, value)) continue;
            request.Content?.Headers.Remove(name);
            request.Content?.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>What daprd says of another app's answer to a caller that asks for server-sent events.</summary>
    internal static void MarkEvents(HttpResponseMessage answer)
    {
        answer.Content.Headers.Remove("Content-Type");
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", "text/event-stream");
        answer.Headers.Remove("Cache-Control");
        answer.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
    }

    /// <summary>Copies status and headers, then the body as it comes.</summary>
    internal static async Task CopyAnswerAsync(HttpContext context, HttpResponseMessage answer)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        CopyHeaders(response, answer.Headers);
        CopyHeaders(response, answer.Content.Headers);
        if (HttpMethods.IsHead(context.Request.Method)) return;
        // As daprd has it: an answer comes in chunks, whatever the app announced. Only an error is read before it is told, unless the request came in chunks itself.
        var asItComes = response.StatusCode < 400 || (HasBody(context) && context.Request.ContentLength is null);
        if (asItComes) response.ContentLength = null;
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted).ConfigureAwait(false);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            var read = await FirstAsync(response, body, buffer, asItComes, context.RequestAborted).ConfigureAwait(false);
            if (string.IsNullOrEmpty(response.ContentType)) Type(response, buffer.AsSpan(0, read), asItComes);
            while (read > 0)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted).ConfigureAwait(false);
                await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
                read = await body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the beginning of a body: what comes at once of one that may be a stream, as much as fits of an error, which is then told with its length.</summary>
    private static async ValueTask<int> FirstAsync(HttpResponse response, Stream body, byte[] buffer, bool asItComes, CancellationToken stop)
    {
        var read = await body.ReadAsync(buffer, stop).ConfigureAwait(false);
        if (asItComes || response.ContentLength is not null) return read;
        while (read < buffer.Length)
        {
            var more = await body.ReadAsync(buffer.AsMemory(read), stop).ConfigureAwait(false);
            if (more == 0)
            {
                response.ContentLength = read;
                return read;
            }
            read += more;
        }
        return read;
    }

    private static void Type(HttpResponse response, ReadOnlySpan<byte> beginning, bool asItComes)
    {
        if (!asItComes) response.ContentType = "application/json";
        else if (beginning.Length > 0 && response.Headers.ContentEncoding.Count == 0) response.ContentType = GuessedType.Of(beginning);
    }

    private static void CopyHeaders(HttpResponse response, System.Net.Http.Headers.HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            if (OneHop.Contains(name) || name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase)) continue;
            response.Headers[name] = new Microsoft.Extensions.Primitives.StringValues([.. values]);
        }
    }

    private static void Append(HttpRequestMessage request, string name, string value)
    {
        if (request.Headers.NonValidated.TryGetValues(name, out var before))
        {
            value = $"{before}, {value}";
            request.Headers.Remove(name);
        }
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
