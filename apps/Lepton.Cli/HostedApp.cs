using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Lepton.Cli;

/// <summary>Starts a small web app and says clearly when its port is taken.</summary>
internal static class HostedApp
{
    public static async Task StartAsync(WebApplication app, string who, int port, string cure, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException or SocketException)
        {
            throw new CommandException($"port {port}, which {who} needs, is in use; {cure}");
        }
    }

    public static async Task<int> RunAsync(WebApplication app, string who, int port, CancellationToken cancellationToken)
    {
        await StartAsync(app, who, port, $"end the program that holds it (`ss -ltnp 'sport = :{port}'` names it) or change appPort in dapr.yaml", cancellationToken);
        using var ended = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(CancellationToken.None);
        return 0;
    }
}
