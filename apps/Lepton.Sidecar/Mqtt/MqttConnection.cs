using System.Buffers;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;
using MQTTnet;
using MQTTnet.Protocol;

namespace Lepton.Sidecar.Mqtt;

/// <summary>A connection to an MQTT broker. It is made when it is needed, and made again when it broke.</summary>
internal sealed class MqttConnection : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttClientOptions options;

    internal MqttConnection(Component component, string role)
    {
        Address = MqttAddress.Of(component);
        var builder = new MqttClientOptionsBuilder().WithTcpServer(Address.Host, Address.Port).WithTimeout(TimeSpan.FromSeconds(5))
            .WithClientId($"{component["consumerID"] ?? component.Name}-{role}-{Guid.NewGuid():N}").WithCleanSession(component["cleanSession"] is not ("false" or "0"));
        if (Address.User is not null) builder.WithCredentials(Address.User, Address.Password);
        if (Address.Tls) builder.WithTlsOptions(tls => MqttTls.Use(tls, component, Address.Host));
        options = builder.Build();
    }

    internal MqttAddress Address { get; }

    /// <summary>Completes when the broker has acknowledged the message as its quality of service asks.</summary>
    /// <exception cref="Exception">The broker could not be reached or refused; the message says why.</exception>
    internal async Task PublishAsync(string topic, ReadOnlyMemory<byte> data, int quality, bool retain, CancellationToken stop)
    {
        await ConnectAsync(stop).ConfigureAwait(false);
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(new ReadOnlySequence<byte>(data)).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)quality).WithRetainFlag(retain).Build();
        var answer = await client.PublishAsync(message, stop).ConfigureAwait(false);
        if (!answer.IsSuccess) throw new RuntimeException($"the broker answered {answer.ReasonCode}");
    }

    /// <summary>Hands on what arrives under a topic filter until it is stopped. What is not taken is not acknowledged.</summary>
    internal async Task ReceiveAsync(string filter, int quality, Func<string, ReadOnlyMemory<byte>, Task<bool>> take, Action<string> log, CancellationToken stop)
    {
        client.ApplicationMessageReceivedAsync += async arrived =>
        {
            arrived.AutoAcknowledge = false;
            if (await take(arrived.ApplicationMessage.Topic, arrived.ApplicationMessage.Payload.ToArray()).ConfigureAwait(false)) await arrived.AcknowledgeAsync(stop).ConfigureAwait(false);
        };
        var told = false;
        while (true)
        {
            try
            {
                if (!client.IsConnected)
                {
                    await ConnectAsync(stop).ConfigureAwait(false);
                    await client.SubscribeAsync(filter, (MqttQualityOfServiceLevel)quality, stop).ConfigureAwait(false);
                    told = false;
                }
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                if (!told) log($"{Address} does not answer ({fault.Message}); trying again each second");
                told = true;
            }
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(false);
        }
    }

    private async Task ConnectAsync(CancellationToken stop)
    {
        if (client.IsConnected) return;
        await gate.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (!client.IsConnected) await client.ConnectAsync(options, stop).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        gate.Dispose();
    }
}
