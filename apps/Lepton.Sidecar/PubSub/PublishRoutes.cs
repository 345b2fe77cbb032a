using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Publishing over HTTP.</summary>
internal static class PublishRoutes
{
    private static readonly string[] PostOrPut = ["POST", "PUT"];

    internal static void MapPublish(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, PublishApi api)
    {
        routes.MapMethods("/v1.0/publish/{**rest}", PostOrPut, (RequestDelegate)(context => RouteAsync(context, sidecar, api)));
        routes.MapMethods("/v1.0-alpha1/publish/bulk/{**rest}", PostOrPut, (RequestDelegate)(context => RouteAsync(context, sidecar, api)));
    }

    private static Task RouteAsync(HttpContext context, VirtualSidecar sidecar, PublishApi api)
    {
        // Split before unescaping: `%2F` belongs to a name.
        var path = RawPath.Segments(context);
        var bulk = path.Length > 4 && path[2] == "bulk";
        var at = bulk ? 3 : 2;
        if (path.Length < at + 2) return Unrouted.NoRoute(context);
        var pubsub = RawPath.Unescape(path[at]);
        var topic = RawPath.Unescape(string.Join('/', path[(at + 1)..]));
        return bulk ? BulkPublishRoute.HandleAsync(context, sidecar, api, pubsub, topic) : PublishAsync(context, sidecar, api, pubsub, topic);
    }

    private static async Task PublishAsync(HttpContext context, VirtualSidecar sidecar, PublishApi api, string pubsub, string topic)
    {
        var metadata = Query.Metadata(context);
        var error = api.Find(pubsub, topic, metadata, out var component);
        var raw = false;
        error ??= PublishApi.IsRaw(component, metadata, out raw);
        if (error is null)
        {
            using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
            error = body.TooLarge
                ? PublishErrors.Publish(pubsub, topic, "stream too large")
                : await StoreAsync(context, api, component, topic, new PublishedEvent(body.Bytes, context.Request.ContentType, metadata), raw).ConfigureAwait(false);
        }
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static async Task<ApiError?> StoreAsync(HttpContext context, PublishApi api, PubSubComponent component, string topic, PublishedEvent published, bool raw)
    {
        var trace = api.TraceOf(Trace.Of(context.Request.Headers), Trace.StateOf(context.Request.Headers));
        if (api.Sampled) context.Response.Headers[Trace.Header] = trace.Parent;
        return api.Wrap(component, topic, published, raw, trace, out var error) is { } message
            ? await api.StoreAsync(component, topic, [message]).ConfigureAwait(false)
            : error;
    }
}
