using System.Net;
using System.Net.Sockets;

namespace Lepton.Sidecar.Hosting;

/// <summary>A port nobody listens on now.</summary>
internal static class FreePort
{
    internal static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
