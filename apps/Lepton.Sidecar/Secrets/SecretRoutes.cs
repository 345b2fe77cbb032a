using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Secrets;

/// <summary>Secrets over HTTP.</summary>
internal static class SecretRoutes
{
    internal static void MapSecrets(this IEndpointRouteBuilder routes, SecretApi api)
    {
        routes.MapGet("/v1.0/secrets/{store}/bulk", (RequestDelegate)(context => All(context, api)));
        routes.MapGet("/v1.0/secrets/{store}/{key}", (RequestDelegate)(context => Get(context, api)));
    }

    private static string Store(HttpContext context) => RawPath.Segment(context, 2);

    private static Task Get(HttpContext context, SecretApi api) =>
        api.Get(Store(context), RawPath.Segment(context, 3), out var secret) is { } error ? error.WriteAsync(context) : Answer.Line(context, 200, json => Write(json, secret));

    private static Task All(HttpContext context, SecretApi api) => api.All(Store(context), out var secrets) is { } error ? error.WriteAsync(context) : Answer.Line(context, 200, json =>
    {
        foreach (var (key, values) in secrets)
        {
            json.WriteStartObject(key);
            Write(json, values);
            json.WriteEndObject();
        }
    });

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values) json.WriteString(name, value);
    }
}
