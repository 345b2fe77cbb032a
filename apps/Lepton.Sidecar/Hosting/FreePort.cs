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

    /// <summary>Whether a port can be bound; 0 always can. What is left of a killed runtime's connections does not count.</summary>
    internal static bool IsFree(int port)
    {
        if (port == 0) return true;
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            probe.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
