using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Secrets;

/// <summary>Secrets over HTTP.</summary>
internal static class SecretRoutes
{
    internal static void MapSecrets(this IEndpointRouteBuilder routes, SecretApi api)
    {
        routes.MapGet("/v1.0/secrets/{store}/bulk", (RequestDelegate)(context => AllAsync(context, api)));
        routes.MapGet("/v1.0/secrets/{store}/{key}", (RequestDelegate)(context => GetAsync(context, api)));
    }

    private static string Store(HttpContext context) => RawPath.Segment(context, 2);

    private static async Task GetAsync(HttpContext context, SecretApi api)
    {
        var (secret, error) = await api.GetAsync(Store(context), RawPath.Segment(context, 3)).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Line(context, 200, json => Write(json, secret!))).ConfigureAwait(false);
    }

    private static async Task AllAsync(HttpContext context, SecretApi api)
    {
        var (secrets, error) = await api.AllAsync(Store(context)).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Line(context, 200, json =>
        {
            foreach (var (key, values) in secrets)
            {
                json.WriteStartObject(key);
                Write(json, values);
                json.WriteEndObject();
            }
        })).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values) json.WriteString(name, value);
    }
}
