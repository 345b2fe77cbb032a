using System.Buffers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Sidecar.Hosting;

/// <summary>
/// Lets one cleartext port serve HTTP/1.1 and HTTP/2 with prior knowledge. Kestrel chooses the protocol by ALPN alone, and there is none without TLS,
/// so this looks at the first bytes of a connection and, when they are HTTP/2's preface, says what ALPN would have said.
/// </summary>
internal static class Preface
{
    private static readonly byte[] Http2 = "PRI * HTTP/2.0"u8.ToArray();

    internal static void UsePreface(this ListenOptions listen) => listen.Use(next => async connection =>
    {
        if (await BeginsWithPrefaceAsync(connection).ConfigureAwait(false))
        {
            var alpn = new Negotiated();
            connection.Features.Set<ITlsConnectionFeature>(alpn);
            connection.Features.Set<ITlsApplicationProtocolFeature>(alpn);
        }
        await next(connection).ConfigureAwait(false);
    });

    private static async ValueTask<bool> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        while (true)
        {
            var result = await connection.Transport.Input.ReadAsync(connection.ConnectionClosed).ConfigureAwait(false);
            var length = (int)Math.Min(result.Buffer.Length, Http2.Length);
            var same = Same(result.Buffer.Slice(0, length));
            var decided = !same || length == Http2.Length || result.IsCompleted;
            connection.Transport.Input.AdvanceTo(result.Buffer.Start, decided ? result.Buffer.Start : result.Buffer.End);
            if (decided) return same && length == Http2.Length;
        }
    }

    private static bool Same(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[Http2.Length];
        bytes.CopyTo(first);
        return first[..(int)bytes.Length].SequenceEqual(Http2.AsSpan(0, (int)bytes.Length));
    }

    private sealed class Negotiated : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = SslApplicationProtocol.Http2.Protocol;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult<X509Certificate2?>(null);
    }
}
