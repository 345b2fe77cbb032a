using System.Net;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lepton.Sidecar.Hosting;

/// <summary>The web server of one virtual sidecar: an HTTP port and a gRPC port.</summary>
internal static class SidecarHost
{
    // A host would watch the current folder, and all below it, for a changed appsettings.json.
    internal static readonly string[] NoReload = ["--hostBuilder:reloadConfigOnChange=false"];

    internal static async Task<WebApplication> StartAsync(VirtualSidecar sidecar, CancellationToken stop)
    {
        Check(sidecar, sidecar.Options.HttpPort, "daprHTTPPort (--dapr-http-port)");
        Check(sidecar, sidecar.Options.GrpcPort, "daprGRPCPort (--dapr-grpc-port)");
        var builder = WebApplication.CreateSlimBuilder(NoReload);
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = (int)sidecar.Options.MaxBodySize;
            grpc.MaxSendMessageSize = null;
            grpc.IgnoreUnknownServices = true;
        });
        Features.AddServices(builder.Services, sidecar);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, sidecar.Options));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.UseCors(sidecar.Options.AllowedOrigins);
        app.UseGate(sidecar);
        app.UseRouting();
        app.UseMessageLimit(sidecar.Options.MaxBodySize);
        Features.Map(app, sidecar);
        app.MapUnrouted();
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new RuntimeException($"A port of app '{sidecar.AppId}' was taken while the runtime started ({fault.Message}). Start again, or give the app other ports.", fault);
        }
        var ports = PortsOf(app);
        sidecar.Ports = (ports[0], ports[1]);
        return app;
    }

    /// <summary>The ports really bound, in the order they were asked for.</summary>
    internal static int[] PortsOf(WebApplication app) => [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port)];

    /// <summary>HTTP/1.1 and cleartext HTTP/2 on one port.</summary>
    internal static void ListenHttp(KestrelServerOptions kestrel, int port) => kestrel.Listen(IPAddress.Loopback, port, listen =>
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UsePreface();
    });

    private static void Configure(KestrelServerOptions kestrel, SidecarOptions options)
    {
        Limit(kestrel);
        ListenHttp(kestrel, options.HttpPort);
        kestrel.Listen(IPAddress.Loopback, options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        if (options.PublicPort is { } open) ListenHttp(kestrel, open);
    }

    /// <summary>No limits of the server's own: the sidecar has its own, and slow callers and apps are allowed to be slow.</summary>
    internal static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 << 20;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
    }

    /// <summary>Kestrel does not say which of its ports is in use, so each is tried first.</summary>
    private static void Check(VirtualSidecar sidecar, int port, string setting)
    {
        if (!FreePort.IsFree(port))
            throw new RuntimeException($"Port {port} of app '{sidecar.AppId}' is in use. Stop the program that holds it (`ss -ltnp 'sport = :{port}'` names it), or set another {setting}.");
    }
}
