using System.Net;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Mqtt;

/// <summary>Where an MQTT component's broker is.</summary>
internal sealed record MqttAddress(string Host, int Port, string? User, string? Password)
{
    private const int DefaultPort = 1883, DefaultTlsPort = 8883;

    internal bool Tls { get; private init; }

    internal bool IsLoopback => Host is "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <exception cref="RuntimeException">The component's url is missing, or none of MQTT over TCP.</exception>
    internal static MqttAddress Of(Component component)
    {
        if (component["url"] is not { } text || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("tcp" or "mqtt" or "ssl" or "tls" or "mqtts" or "tcps"))
            throw new RuntimeException($"component '{component.Name}' ({component.Type}) has url '{component["url"]}'. Write an address such as mqtt://localhost:1883, or mqtts://broker:8883 for TLS.");
        var user = url.UserInfo.Split(':', 2);
        var tls = url.Scheme is not ("tcp" or "mqtt");
        return new MqttAddress(url.Host, url.Port > 0 ? url.Port : tls ? DefaultTlsPort : DefaultPort, user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null, user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null) { Tls = tls };
    }

    public override string ToString() => $"{(Tls ? "mqtts" : "mqtt")}://{Host}:{Port}";
}
