using System.Net;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Invocation;

namespace Lepton.Sidecar.Control;

/// <summary>The runtime's own port: what it carries now, and the switch that cuts a link.</summary>
internal static class ControlHost
{
    internal static async Task<WebApplication> StartAsync(EmbeddedRuntime runtime, int port, CancellationToken stop)
    {
        if (!FreePort.IsFree(port))
            throw new RuntimeException($"Control port {port} of the runtime is in use. Stop the program that holds it (`ss -ltnp 'sport = :{port}'` names it), or set another with --control-port.");
        var builder = WebApplication.CreateSlimBuilder(SidecarHost.NoReload);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.MapGet("/control/status", (RequestDelegate)(context => StatusAsync(context, runtime)));
        app.MapPost("/control/links/{app}/{endpoint}", (RequestDelegate)(context => CutAsync(context, runtime)));
        app.MapConfiguration(runtime);
        await app.StartAsync(stop).ConfigureAwait(false);
        return app;
    }

    private static Task StatusAsync(HttpContext context, EmbeddedRuntime runtime) => Answer.Write(context, 200, json =>
    {
        json.WriteString("state"u8, runtime.Durable.File);
        json.WriteStartArray("apps"u8);
        foreach (var sidecar in runtime.Sidecars.Values) WriteApp(json, sidecar);
        json.WriteEndArray();
        json.WriteStartArray("links"u8);
        foreach (var sidecar in runtime.Sidecars.Values)
            foreach (var link in sidecar.Invoker.Links.Values) WriteLink(json, link);
        json.WriteEndArray();
        json.WriteStartArray("topics"u8);
        foreach (var (component, inbox) in runtime.Brokers.Inboxes)
        {
            json.WriteStartObject();
            json.WriteString("broker"u8, component);
            json.WriteString("topic"u8, inbox.Topic);
            json.WriteString("consumer"u8, inbox.Consumer);
            json.WriteNumber("pending"u8, inbox.Pending);
            json.WriteNumber("deadLettered"u8, inbox.DeadLettered);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void WriteApp(Utf8JsonWriter json, VirtualSidecar sidecar)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, sidecar.AppId);
        json.WriteNumber("appPort"u8, sidecar.Options.AppPort);
        json.WriteNumber("httpPort"u8, sidecar.Ports.Http);
        json.WriteNumber("grpcPort"u8, sidecar.Ports.Grpc);
        json.WriteBoolean("ready"u8, sidecar.State.Ready);
        json.WriteBoolean("healthy"u8, sidecar.State.Healthy);
        json.WriteNumber("subscriptions"u8, sidecar.SubscriptionList().Count);
        json.WriteEndObject();
    }

    private static void WriteLink(Utf8JsonWriter json, Link link)
    {
        json.WriteStartObject();
        json.WriteString("app"u8, link.App);
        json.WriteString("endpoint"u8, link.Endpoint.Name);
        json.WriteString("address"u8, link.Endpoint.BaseUrl);
        json.WriteBoolean("cut"u8, link.Cut);
        json.WriteNumber("requests"u8, link.Requests);
        json.WriteNumber("bytesSent"u8, link.Sent);
        json.WriteNumber("bytesReceived"u8, link.Received);
        json.WriteEndObject();
    }

    private static async Task CutAsync(HttpContext context, EmbeddedRuntime runtime)
    {
        var (app, endpoint) = ((string)context.Request.RouteValues["app"]!, (string)context.Request.RouteValues["endpoint"]!);
        if (!runtime.Sidecars.TryGetValue(app, out var sidecar) || !sidecar.Invoker.Links.TryGetValue(endpoint, out var link))
        {
            await Answer.Error(context, 404, "LINK_NOT_FOUND", $"App '{app}' has no HTTPEndpoint '{endpoint}': GET /control/status lists the links.").ConfigureAwait(false);
            return;
        }
        using var body = await Body.ReadAsync(context, 1024).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(body.Bytes);
            link.Cut = document.RootElement.GetProperty("cut").GetBoolean();
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            await Answer.Error(context, 400, "MALFORMED_REQUEST", "The body is to be {\"cut\": true} or {\"cut\": false}.").ConfigureAwait(false);
            return;
        }
        runtime.Log($"link of {app} to {endpoint}: {(link.Cut ? "cut" : "restored")}");
        await Answer.Write(context, 200, json => json.WriteBoolean("cut"u8, link.Cut)).ConfigureAwait(false);
    }
}
