using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;
using MQTTnet;

namespace Lepton.Sidecar.Mqtt;

/// <summary>TLS toward a broker elsewhere: a component may name who signs the broker's certificate (`caCert`) and give one of its own (`clientCert`, `clientKey`), all as PEM.</summary>
internal static class MqttTls
{
    internal static void Use(MqttClientTlsOptionsBuilder tls, Component component, string host)
    {
        try
        {
            tls.UseTls().WithTargetHost(host).WithRevocationMode(X509RevocationMode.NoCheck);
            if (component["caCert"] is { Length: > 0 } authority) tls.WithTrustChain([X509Certificate2.CreateFromPem(authority)]);
            if (component["clientCert"] is { Length: > 0 } certificate && component["clientKey"] is { Length: > 0 } key)
            {
                // A key that is only in memory cannot be used for TLS everywhere: it goes through PKCS 12 once.
                using var made = X509Certificate2.CreateFromPem(certificate, key);
                tls.WithClientCertificates([X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null)]);
            }
        }
        catch (CryptographicException fault)
        {
            throw new RuntimeException($"component '{component.Name}' ({component.Type}) has a caCert, clientCert or clientKey that is no PEM ({fault.Message}). Give the text of the file, or a secretKeyRef to it.", fault);
        }
    }
}
