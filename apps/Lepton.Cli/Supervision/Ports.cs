using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Lepton.Cli.Supervision;

/// <summary>Looks whether every port of a run is free before anything is started.</summary>
internal static class Ports
{
    // More is no accident: a whole run holds them, and a line for each would bury what to do.
    private const int MostAlone = 6;

    /// <summary>Throws with one line for each port that is in use: the port, who needs it, and the cure.</summary>
    public static void Check(IEnumerable<(int Port, string Who, string Setting)> needed)
    {
        var taken = needed.Where(one => one.Port > 0 && !IsFree(one.Port))
            .Select(one => $"port {one.Port}, which {one.Who} needs, is in use; end the program that holds it (`ss -ltnp 'sport = :{one.Port}'` names it) or change {one.Setting}")
            .ToList();
        if (taken.Count > MostAlone)
        {
            throw new CommandException($"{taken.Count} of the ports are in use, so another `lepton up` seems to run on this machine; end it first. One of them: {taken[0]}");
        }

        if (taken.Count > 0)
        {
            throw new CommandException(string.Join(Environment.NewLine, taken));
        }
    }

    /// <summary>Waits a while for ports that a killed run's children are about to let go.</summary>
    public static void Await(IEnumerable<(int Port, string Who, string Setting)> needed, TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (needed.Any(one => one.Port > 0 && !IsFree(one.Port)) && Stopwatch.GetElapsedTime(since) < patience)
        {
            Thread.Sleep(100);
        }
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
