using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.Collections;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Health;

/// <summary>The metadata API over HTTP.</summary>
internal static class MetadataRoutes
{
    internal static void MapMetadata(this IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        routes.MapGet("/v1.0/metadata", (RequestDelegate)(context => Answer.Line(context, 200, json => Write(json, sidecar))));
        routes.MapPut("/v1.0/metadata/{key}", (RequestDelegate)(context => SetAsync(context, sidecar)));
    }

    private static async Task SetAsync(HttpContext context, VirtualSidecar sidecar)
    {
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        if (body.TooLarge)
        {
            await Answer.Error(context, 400, "ERR_BODY_READ", "failed to read request body: stream too large").ConfigureAwait(false);
            return;
        }
        sidecar.Extended[RawPath.Segment(context, 2)] = Encoding.UTF8.GetString(body.Bytes.Span);
        await Answer.Empty(context).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, VirtualSidecar sidecar)
    {
        var metadata = SidecarMetadata.Of(sidecar);
        json.WriteString("id"u8, metadata.Id);
        json.WriteString("runtimeVersion"u8, metadata.RuntimeVersion);
        Texts(json, "enabledFeatures", metadata.EnabledFeatures);
        List(json, "actors", metadata.ActorRuntime.ActiveActors, Actor);
        List(json, "components", metadata.RegisteredComponents, Component);
        Map(json, "extended", metadata.ExtendedMetadata);
        List(json, "subscriptions", metadata.Subscriptions, Subscription);
        List(json, "httpEndpoints", metadata.HttpEndpoints, static (j, endpoint) => j.WriteString("name"u8, endpoint.Name));
        App(json, metadata.AppConnectionProperties);
        json.WriteStartObject("actorRuntime"u8);
        json.WriteString("runtimeStatus"u8, metadata.ActorRuntime.RuntimeStatus.ToString().ToUpperInvariant());
        List(json, "activeActors", metadata.ActorRuntime.ActiveActors, Actor);
        json.WriteBoolean("hostReady"u8, metadata.ActorRuntime.HostReady);
        if (metadata.ActorRuntime.Placement.Length > 0) json.WriteString("placement"u8, metadata.ActorRuntime.Placement);
        json.WriteEndObject();
        json.WriteStartObject("scheduler"u8);
        Texts(json, "connected_addresses", metadata.Scheduler.ConnectedAddresses);
        json.WriteEndObject();
        if (metadata.Workflows.ConnectedWorkers > 0)
        {
            json.WriteStartObject("workflows"u8);
            json.WriteNumber("connectedWorkers"u8, metadata.Workflows.ConnectedWorkers);
            json.WriteEndObject();
        }
        List(json, "resiliencies", sidecar.Resources.Resiliencies, static (j, resiliency) => j.WriteString("name"u8, resiliency.Name));
    }

    private static void Actor(Utf8JsonWriter json, ActiveActorsCount actor)
    {
        json.WriteString("type"u8, actor.Type);
        if (actor.Count > 0) json.WriteNumber("count"u8, actor.Count);
    }

    private static void Component(Utf8JsonWriter json, RegisteredComponents component)
    {
        json.WriteString("name"u8, component.Name);
        json.WriteString("type"u8, component.Type);
        if (component.Version.Length > 0) json.WriteString("version"u8, component.Version);
        Texts(json, "capabilities", component.Capabilities);
    }

    private static void Subscription(Utf8JsonWriter json, PubsubSubscription subscription)
    {
        json.WriteString("pubsubname"u8, subscription.PubsubName);
        json.WriteString("topic"u8, subscription.Topic);
        if (subscription.Metadata.Count > 0) Map(json, "metadata", subscription.Metadata);
        List(json, "rules", subscription.Rules?.Rules ?? [], static (j, rule) =>
        {
            if (rule.Match.Length > 0) j.WriteString("match"u8, rule.Match);
            j.WriteString("path"u8, rule.Path);
        });
        json.WriteString("deadLetterTopic"u8, subscription.DeadLetterTopic);
        json.WriteString("type"u8, subscription.Type.ToString().ToUpperInvariant());
    }

    private static void App(Utf8JsonWriter json, AppConnectionProperties app)
    {
        json.WriteStartObject("appConnectionProperties"u8);
        if (app.Port > 0) json.WriteNumber("port"u8, app.Port);
        json.WriteString("protocol"u8, app.Protocol);
        json.WriteString("channelAddress"u8, app.ChannelAddress);
        if (app.MaxConcurrency > 0) json.WriteNumber("maxConcurrency"u8, app.MaxConcurrency);
        if (app.Health is { } health)
        {
            json.WriteStartObject("health"u8);
            if (health.HealthCheckPath.Length > 0) json.WriteString("healthCheckPath"u8, health.HealthCheckPath);
            json.WriteString("healthProbeInterval"u8, health.HealthProbeInterval);
            json.WriteString("healthProbeTimeout"u8, health.HealthProbeTimeout);
            json.WriteNumber("healthThreshold"u8, health.HealthThreshold);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, RepeatedField<string> texts)
    {
        if (texts.Count == 0 && name != "enabledFeatures") return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, string name, MapField<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> members)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
