using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Lepton.Sidecar.Hosting;

/// <summary>The HTTP client of all calls out: nothing followed, kept, decompressed or added on the way.</summary>
internal static class AppHandler
{
    internal static SocketsHttpHandler Create() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        RequestHeaderEncodingSelector = static (_, request) =>
        {
            NoBody.DropLength(request);
            return null;
        },
    };

    /// <summary>The same for the app itself, whose certificate is its own on the loopback: Dapr does not check it there.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "appProtocol https means an unverified certificate on the app's own loopback port.")]
    internal static SocketsHttpHandler CreateForApp()
    {
        var handler = Create();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        return handler;
    }
}
