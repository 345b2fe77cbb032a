using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lepton.Sidecar.Hosting;

/// <summary>The web server of one virtual sidecar: an HTTP port and a gRPC port.</summary>
internal static class SidecarHost
{
    internal static async Task<WebApplication> StartAsync(VirtualSidecar sidecar, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = (int)sidecar.Options.MaxBodySize;
            grpc.MaxSendMessageSize = null;
            grpc.IgnoreUnknownServices = true;
        });
        Features.AddServices(builder.Services, sidecar);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, sidecar.Options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1AndHttp2);
            kestrel.Listen(IPAddress.Loopback, sidecar.Options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        Features.Map(app, sidecar);
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
        }
        catch (IOException fault) when (fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException || fault.InnerException is SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new RuntimeException($"A port of app '{sidecar.AppId}' is in use: {fault.Message} Stop the program that holds it (`ss -ltnp` names it), or give the app other ports in dapr.yaml.", fault);
        }
        return app;
    }

    /// <summary>The ports really bound, in the order HTTP, gRPC.</summary>
    internal static (int Http, int Grpc) Ports(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port).ToArray();
        return (addresses[0], addresses[1]);
    }
}
