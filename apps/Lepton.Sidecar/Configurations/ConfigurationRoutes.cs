using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Configurations;

/// <summary>Configuration over HTTP.</summary>
internal static class ConfigurationRoutes
{
    internal static void MapConfigurations(this IEndpointRouteBuilder routes, ConfigurationApi api)
    {
        foreach (var version in (ReadOnlySpan<string>)["v1.0", "v1.0-alpha1"])
        {
            routes.MapGet($"/{version}/configuration/{{store}}", (RequestDelegate)(context => Get(context, api)));
            routes.MapGet($"/{version}/configuration/{{store}}/subscribe", (RequestDelegate)(context => Subscribe(context, api)));
            routes.MapGet($"/{version}/configuration/{{store}}/{{id}}/unsubscribe", (RequestDelegate)(context => Unsubscribe(context, api)));
        }
    }

    private static string Store(HttpContext context) => RawPath.Segment(context, 2);

    private static string[] Keys(HttpContext context) => [.. context.Request.Query["key"].Where(static key => key is { Length: > 0 })!];

    private static Task Get(HttpContext context, ConfigurationApi api)
    {
        if (api.Find(Store(context), out var store) is { } error) return error.WriteAsync(context);
        var items = store.Get(Keys(context));
        return items.Count == 0 ? Answer.Empty(context) : Answer.Line(context, 200, json =>
        {
            foreach (var (key, item) in items) ConfigurationJson.Write(json, key, item);
        });
    }

    private static Task Subscribe(HttpContext context, ConfigurationApi api)
    {
        if (api.Find(Store(context), out var store) is { } error) return error.WriteAsync(context);
        if (!api.HasApp) return Answer.Error(context, 500, "ERR_APP_CHANNEL_NIL", "app channel is not initialized. cannot subscribe to configuration updates");
        var subscription = api.Subscribe(store, Keys(context));
        _ = api.PostAsync(Store(context), subscription);
        return Answer.Line(context, 200, json => json.WriteString("id"u8, subscription.Id));
    }

    private static Task Unsubscribe(HttpContext context, ConfigurationApi api)
    {
        if (api.Find(Store(context), out _) is { } error) return error.WriteAsync(context);
        var id = RawPath.Segment(context, 3);
        return api.Unsubscribe(id)
            ? Answer.Line(context, 200, static json => json.WriteBoolean("ok"u8, true))
            : Answer.Line(context, 500, json => json.WriteString("message"u8, $"failed to unsubscribe to configuration request {id}: subscription with id {id} does not exist"));
    }
}
