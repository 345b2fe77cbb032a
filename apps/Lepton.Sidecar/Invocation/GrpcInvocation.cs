using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Hosting;

namespace Lepton.Sidecar.Invocation;

/// <summary>An HTTP request to an app that speaks gRPC: it becomes a call of AppCallback/OnInvoke, whose answer or error becomes the HTTP answer.</summary>
internal static class GrpcInvocation
{
    /// <summary>The content type of data that say which message they are.</summary>
    internal const string ProtobufType = "application/x-protobuf";

    /// <summary>HTTP headers with a meaning of their own in gRPC arrive with `dapr-` before them.</summary>
    private static readonly HashSet<string> Prefixed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Charset", "Accept-Language", "Accept-Ranges", "Cache-Control", "Content-Type", "Content-Length", "Cookie", "Date", "Expect", "From", "Host", "If-Match",
        "If-Modified-Since", "If-None-Match", "If-Schedule-Tag-Match", "If-Unmodified-Since", "Max-Forwards", "Origin", "Pragma", "Referer", "Via", "Warning",
    };

    internal static async Task<HttpResponseMessage> SendAsync(AppChannel app, HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            var (answer, headers) = await app.CallAsync(AppMethods.OnInvoke, await ReadAsync(request, stop).ConfigureAwait(false), MetadataOf(request), stop).ConfigureAwait(false);
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ReadOnlyMemoryContent(answer.Data?.Value.Memory ?? ReadOnlyMemory<byte>.Empty) };
            var type = answer.Data is { TypeUrl.Length: > 0 } ? ProtobufType : answer.ContentType;
            if (type.Length > 0) response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            foreach (var entry in headers)
                if (!entry.IsBinary && entry.Key is not ("content-type" or "date" or "server")) response.Headers.TryAddWithoutValidation(entry.Key, entry.Value);
            return response;
        }
        catch (RpcException fault)
        {
            var (body, unreadable) = StatusJson.Of(fault);
            var response = new HttpResponseMessage(unreadable ? HttpStatusCode.InternalServerError : (HttpStatusCode)HttpStatusOf(fault.StatusCode)) { Content = new ByteArrayContent(body) };
            response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            return response;
        }
    }

    /// <summary>The HTTP status of a gRPC code.</summary>
    internal static int HttpStatusOf(StatusCode code) => code switch
    {
        StatusCode.OK => 200,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.Cancelled => 408,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };

    private static async Task<InvokeRequest> ReadAsync(HttpRequestMessage request, CancellationToken stop)
    {
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(stop).ConfigureAwait(false) : [];
        var target = request.RequestUri!.PathAndQuery;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return new InvokeRequest
        {
            Method = Uri.UnescapeDataString(query < 0 ? target : target[..query]).TrimStart('/'),
            Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(body) },
            ContentType = request.Content?.Headers.NonValidated.TryGetValues("Content-Type", out var type) == true ? type.ToString() : "",
            HttpExtension = new HTTPExtension { Verb = VerbOf(request.Method.Method), Querystring = query < 0 ? "" : target[(query + 1)..] },
        };
    }

    private static Metadata MetadataOf(HttpRequestMessage request)
    {
        var metadata = new Metadata();
        var own = request.Headers.NonValidated.Select(h => (h.Key, h.Value));
        foreach (var (name, values) in request.Content is { } content ? own.Concat(content.Headers.NonValidated.Select(h => (h.Key, h.Value))) : own)
            foreach (var value in values) metadata.AddText(Prefixed.Contains(name) ? "dapr-" + name : name, value);
        return metadata;
    }

    private static HTTPExtension.Types.Verb VerbOf(string method) => method.ToUpperInvariant() switch
    {
        "GET" => HTTPExtension.Types.Verb.Get,
        "HEAD" => HTTPExtension.Types.Verb.Head,
        "PUT" => HTTPExtension.Types.Verb.Put,
        "DELETE" => HTTPExtension.Types.Verb.Delete,
        "CONNECT" => HTTPExtension.Types.Verb.Connect,
        "OPTIONS" => HTTPExtension.Types.Verb.Options,
        "TRACE" => HTTPExtension.Types.Verb.Trace,
        "PATCH" => HTTPExtension.Types.Verb.Patch,
        _ => HTTPExtension.Types.Verb.Post,
    };
}
