using System.Net;
using System.Net.Sockets;
using Dapr.Actors.Runtime;
using Lepton.Node.Api;
using Lepton.Workflows;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Lepton.Node;

/// <summary>Puts a node together.</summary>
internal static class NodeHost
{
    /// <summary>Runs a node until it is told to stop. Exit code 0: stopped; 1: it could not start; 2: the environment is wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var faults = new List<string>();
        if (NodeSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build(), faults) is not { } settings)
        {
            return Fail(2, faults);
        }

        var book = PipelineBook.Load(settings.Resources, settings.Data, settings.Node.Tier);
        foreach (var fault in book.Faults)
        {
            Console.Error.WriteLine(fault);
        }

        if (book.Names.Count == 0)
        {
            return Fail(1, [$"'{settings.Node.AppId}' has no pipeline to serve on tier '{settings.Node.Tier}' (looked in '{settings.Resources}'); {(book.Faults.Count > 0 ? "correct what is listed above" : $"add a pipeline that has `tiers.{settings.Node.Tier}`")} and start it again"]);
        }

        try
        {
            await using var app = Build(settings, book, args);
            await app.RunAsync();
            return 0;
        }
        catch (IOException error) when (error.InnerException is AddressInUseException or SocketException)
        {
            return Fail(1, [$"port {settings.Port} is in use, so '{settings.Node.AppId}' cannot listen on it; stop the other program or set APP_PORT to a free port"]);
        }
    }

    /// <summary>The node, not started yet. Settings of the Dapr clients (ports, token) come from the environment, or from <paramref name="args"/> as <c>--NAME=value</c>.</summary>
    public static WebApplication Build(NodeSettings settings, PipelineBook book, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddNodeConsole();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // In a pod ASPNETCORE_URLS opens the port to the cluster; everywhere else the sidecar beside us is the only caller.
            if (builder.Configuration["URLS"] is null)
            {
                kestrel.Listen(IPAddress.Loopback, settings.Port);
            }
        });
        builder.Services.AddSingleton(settings);
        builder.Services.AddFailures();
        builder.Services.AddDaprClient();
        builder.Services.AddActors(actors =>
        {
            actors.Actors.RegisterActor<DeviceTwin>(settings.Node.TwinType);
            actors.Actors.RegisterActor<GateKeeper>(settings.Node.GateType);
        });
        builder.Services.AddLepton(settings.Node, book, settings.Pauses);
        builder.Services.AddTierAbove(settings);
        builder.Services.AddSingleton<Intake>();
        builder.Services.AddSingleton<SidecarWatch>().AddHostedService(provider => provider.GetRequiredService<SidecarWatch>());
        if (settings.ExitsWithStandardInput)
        {
            builder.Services.AddHostedService<StandardInputWatch>();
        }

        var app = builder.Build();
        app.UseFailures();
        app.MapSubscribeHandler();
        app.MapActorsHandlers();
        app.MapDeliveries(book);
        app.MapEvents();
        app.MapEscalations(settings);
        app.MapReading();
        return app;
    }

    private static int Fail(int code, IEnumerable<string> problems)
    {
        foreach (var problem in problems)
        {
            Console.Error.WriteLine("lepton node: " + problem);
        }

        return code;
    }
}
