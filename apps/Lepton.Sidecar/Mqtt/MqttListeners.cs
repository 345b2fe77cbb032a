using System.Buffers;
using System.Net;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Storage;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Lepton.Sidecar.Mqtt;

/// <summary>
/// The MQTT brokers that a run opens itself, one for each loopback address of its components where nobody listens. What devices publish there goes into the
/// emulated pub/sub of that address, on disk before it is acknowledged, and what apps publish goes out to the devices.
/// </summary>
internal sealed class MqttListeners(EmbeddedRuntime runtime) : IAsyncDisposable
{
    private const string Own = "lepton-runtime";
    private readonly List<MqttServer> servers = [];

    /// <summary>Opens what the components of all apps ask for and says so, one line for each.</summary>
    internal async Task OpenAsync()
    {
        var wanted = runtime.Sidecars.Values.SelectMany(static s => s.Resources.Components.Values.Select(c => (Sidecar: s, Component: c)))
            .Where(static w => w.Component.Type is "pubsub.mqtt3" or "bindings.mqtt3").Select(static w => (w.Sidecar, w.Component, Address: MqttAddress.Of(w.Component)));
        foreach (var place in wanted.Where(static w => w.Address is { IsLoopback: true, Tls: false }).GroupBy(static w => w.Address.Port))
        {
            if (!FreePort.IsFree(place.Key))
            {
                foreach (var (sidecar, component, address) in place.Where(static w => w.Component.Family == "pubsub"))
                    runtime.Log($"{component.Type} '{component.Name}' of {sidecar.AppId}: a broker listens at {address}; the component stays emulated beside it, bindings.mqtt3 reaches it");
                continue;
            }
            var buses = place.Where(static w => w.Component.Family == "pubsub").Select(w => runtime.Brokers.Of(w.Component, w.Sidecar.AppId)).Distinct().ToList();
            servers.Add(await StartAsync(place.Key, buses).ConfigureAwait(false));
            runtime.Log($"an MQTT broker listens at mqtt://127.0.0.1:{place.Key} for {string.Join(", ", place.Select(static w => $"'{w.Component.Name}' of {w.Sidecar.AppId}"))}");
        }
    }

    private async Task<MqttServer> StartAsync(int port, List<Broker> buses)
    {
        var options = new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port).Build();
        var server = new MqttServerFactory().CreateMqttServer(options);
        if (buses.Count > 0) server.InterceptingPublishAsync += arrived => TakeAsync(arrived, buses);
        foreach (var bus in buses) bus.Stored += (topic, messages) => _ = SendAsync(server, topic, messages);
        try
        {
            await server.StartAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            server.Dispose();
            throw new RuntimeException($"The MQTT port {port} was taken while the runtime started ({fault.Message}). Start again.", fault);
        }
        return server;
    }

    /// <summary>A device's message: stored first, and then sent to the devices by the same way as an app's.</summary>
    private async Task TakeAsync(InterceptingPublishEventArgs arrived, List<Broker> buses)
    {
        var message = arrived.ApplicationMessage;
        if (arrived.ClientId == Own || message.Topic.StartsWith('$')) return;
        var metadata = new Dictionary<string, string> { ["retained"] = message.Retain ? "true" : "false" };
        try
        {
            foreach (var bus in buses) await bus.PublishAsync(message.Topic, [new Message(message.Payload.ToArray(), metadata)]).ConfigureAwait(false);
            arrived.ProcessPublish = false;
        }
        catch (StorageException fault)
        {
            runtime.Log($"a message to '{message.Topic}' over MQTT could not be stored and was refused: {fault.Message}");
            arrived.ProcessPublish = false;
            arrived.CloseConnection = true;
        }
    }

    private async Task SendAsync(MqttServer server, string topic, IReadOnlyList<Message> messages)
    {
        try
        {
            foreach (var message in messages)
            {
                var application = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(message.Payload.ToArray()).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                    .WithRetainFlag(message.Metadata?.GetValueOrDefault("retained") == "true").Build();
                await server.InjectApplicationMessage(new InjectedMqttApplicationMessage(application) { SenderClientId = Own }).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            runtime.Log($"a message to '{topic}' did not reach the MQTT clients: {fault.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.StopAsync(new MqttServerStopOptions()).ConfigureAwait(false);
            server.Dispose();
        }
    }
}
