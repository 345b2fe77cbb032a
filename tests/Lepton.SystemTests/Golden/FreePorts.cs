using System.Net;
using System.Net.Sockets;

namespace Lepton.SystemTests.Golden;

/// <summary>Ports below those that the system gives to outgoing connections, each given once: many hosts start side by side.</summary>
internal static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 20_000;
    private static int next = Environment.ProcessId * 97 % Count;

    internal static int Take()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
