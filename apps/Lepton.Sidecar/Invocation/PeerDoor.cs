using System.Net;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Tracing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lepton.Sidecar.Invocation;

/// <summary>
/// The port on which a stand-alone host takes calls to its app from the sidecars of other hosts. A request comes as the app is to see it, with the callee's id in a
/// header; what fails here goes back as text in another, in words that callers of daprd know.
/// </summary>
internal static class PeerDoor
{
    internal const string Callee = "lepton-callee";
    internal const string Fault = "lepton-fault";

    internal static async Task<WebApplication> StartAsync(EmbeddedRuntime runtime, int port, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder(SidecarHost.NoReload);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SidecarHost.Limit(kestrel);
            SidecarHost.ListenHttp(kestrel, port);
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.Run(context => TakeAsync(context, runtime));
        await app.StartAsync(stop).ConfigureAwait(false);
        return app;
    }

    private static async Task TakeAsync(HttpContext context, EmbeddedRuntime runtime)
    {
        var id = context.Request.Headers[Callee].ToString();
        context.Request.Headers.Remove(Callee);
        if (!runtime.Sidecars.TryGetValue(id, out var callee))
        {
            context.Response.StatusCode = 421;
            return;
        }
        context.Response.Headers[Callee] = id;
        if (GrpcAnswer.IsCall(context))
        {
            await GrpcProxy.TakeAsync(context, callee).ConfigureAwait(false);
            return;
        }
        if (Target.RefusalOf(callee, own: false) is { } refusal)
        {
            Refuse(context, refusal);
            return;
        }
        using var request = callee.App.Request(Forwarding.VerbOf(context.Request.Method), TargetOf(context));
        Forwarding.CopyRequest(context, request, null, long.MaxValue, remote: false);
        foreach (var name in (ReadOnlySpan<string>)[Trace.Header, Trace.StateHeader])
            if (context.Request.Headers.TryGetValue(name, out var value)) request.Headers.TryAddWithoutValidation(name, value.ToString());
        try
        {
            using var answer = await callee.SendToAppAsync(request, context.RequestAborted).ConfigureAwait(false);
            await Forwarding.CopyAnswerAsync(context, answer).ConfigureAwait(false);
        }
        catch (HttpRequestException fault) when (!context.Response.HasStarted)
        {
            Refuse(context, Invoker.DescribeApp(request, fault));
        }
        catch (Exception fault) when (context.RequestAborted.IsCancellationRequested || fault is HttpRequestException or IOException)
        {
            context.Abort();
        }
    }

    private static string TargetOf(HttpContext context) => context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;

    private static void Refuse(HttpContext context, string text)
    {
        context.Response.StatusCode = 500;
        context.Response.Headers[Fault] = Uri.EscapeDataString(text);
    }
}
