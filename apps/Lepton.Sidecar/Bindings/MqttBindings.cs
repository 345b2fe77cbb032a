using System.Globalization;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Mqtt;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Bindings;

/// <summary>bindings.mqtt3 out: `create` publishes to the topic of the call, else to that of the component.</summary>
internal sealed class MqttOutput(Component component) : OutputBinding, IDisposable
{
    private readonly MqttConnection connection = new(component, "out");

    internal override IReadOnlyList<string> Operations { get; } = ["create"];

    internal override async Task<BindingReply> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        var topic = metadata.GetValueOrDefault("topic") is { Length: > 0 } named ? named : component["topic"];
        if (topic is null) return BindingReply.Failed("no topic is named, neither in the call's metadata nor in the component's");
        try
        {
            await connection.PublishAsync(topic, data, MqttQuality.Of(metadata.GetValueOrDefault("qos") ?? component["qos"]), (metadata.GetValueOrDefault("retain") ?? component["retain"]) is "true" or "1", stop).ConfigureAwait(false);
            return new(null);
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            return BindingReply.Failed($"{connection.Address}: {fault.Message}");
        }
    }

    public void Dispose() => connection.Dispose();
}

/// <summary>bindings.mqtt3 in: each message under the component's topic goes to the app; it is acknowledged once the app took it.</summary>
internal sealed class MqttInput : InputBinding
{
    private readonly Component component;
    private readonly Action<string> log;
    private readonly string filter;

    internal MqttInput(Component component, Action<string> log)
    {
        (this.component, this.log) = (component, log);
        filter = component["topic"] ?? throw new RuntimeException($"component '{component.Name}' (bindings.mqtt3) has no topic. Name the topic to listen to, or set direction to output.");
        MqttAddress.Of(component);
    }

    internal override async Task RunAsync(Deliver deliver, CancellationToken stop)
    {
        using var connection = new MqttConnection(component, "in");
        await connection.ReceiveAsync(filter, MqttQuality.Of(component["qos"]), (topic, data) => deliver(data, new Dictionary<string, string> { ["topic"] = topic }, stop),
            text => log($"input binding '{component.Name}': {text}"), stop).ConfigureAwait(false);
    }
}

internal static class MqttQuality
{
    /// <summary>At least once, unless the text says 0 or 2.</summary>
    internal static int Of(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quality) && quality is >= 0 and <= 2 ? quality : 1;
}
