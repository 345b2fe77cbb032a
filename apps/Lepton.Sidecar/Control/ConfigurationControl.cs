using System.Text;
using Lepton.Sidecar.Configurations;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Control;

/// <summary>How values get into a configuration store: `PUT /control/configuration/{app}/{store}/{key}` with the value, or `value||version`, as the body; DELETE takes it away.</summary>
internal static class ConfigurationControl
{
    private static readonly string[] PutOrDelete = ["PUT", "DELETE"];

    internal static void MapConfiguration(this IEndpointRouteBuilder routes, EmbeddedRuntime runtime) =>
        routes.MapMethods("/control/configuration/{app}/{store}/{**key}", PutOrDelete, (RequestDelegate)(context => ChangeAsync(context, runtime)));

    private static async Task ChangeAsync(HttpContext context, EmbeddedRuntime runtime)
    {
        var (app, name, key) = ((string)context.Request.RouteValues["app"]!, (string)context.Request.RouteValues["store"]!, RawPath.Rest(context, 4));
        var component = runtime.Sidecars.GetValueOrDefault(app)?.Resources.Components.GetValueOrDefault(name);
        if (component is not { Family: "configuration" } || key.Length == 0)
        {
            await Answer.Error(context, 404, "ERR_NOT_FOUND", $"app '{app}' has no configuration store '{name}', or no key is named; see /v1.0/metadata of its sidecar").ConfigureAwait(false);
            return;
        }
        var store = runtime.Configurations.Of(component, app);
        if (HttpMethods.IsDelete(context.Request.Method))
        {
            await store.RemoveAsync(key).ConfigureAwait(false);
        }
        else
        {
            using var body = await Body.ReadAsync(context, 1 << 20).ConfigureAwait(false);
            if (body.TooLarge)
            {
                await Answer.Error(context, 400, "ERR_BODY_READ", "the value is longer than 1 MiB").ConfigureAwait(false);
                return;
            }
            await store.SetAsync(key, ConfigurationItem.Read(Encoding.UTF8.GetString(body.Bytes.Span))).ConfigureAwait(false);
        }
        await Answer.Empty(context).ConfigureAwait(false);
    }
}
