using System.Diagnostics;
using Dapr.Workflow;
using Grpc.Net.ClientFactory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>The official worker with <see cref="Player"/>, as a process of its own that can be killed.</summary>
internal sealed class PlayerProcess : IDisposable
{
    internal const string Verb = "play";

    private readonly Process process;

    internal PlayerProcess(int grpcPort, int httpPort, string effectsFile, bool sendsTokens) => process = Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lepton.SystemTests.dll"), Verb, $"{grpcPort}", $"{httpPort}", effectsFile, $"{sendsTokens}"]) { RedirectStandardInput = true })!;

    /// <summary>kill -9.</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }

    /// <summary>What the process does: work until it is killed, or until whoever started it is gone.</summary>
    internal static async Task<int> WorkAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{args[1]}", ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{args[2]}" });
        builder.Services.AddSingleton(new Effects(args[3]));
        var sendsTokens = bool.Parse(args[4]);
        builder.Services.ConfigureAll<GrpcClientFactoryOptions>(options => options.InterceptorRegistrations.Add(new InterceptorRegistration(InterceptorScope.Channel, _ => new Meddler(sendsTokens))));
        builder.Services.AddDaprWorkflow(static options =>
        {
            options.RegisterWorkflow<Player>();
            options.RegisterActivity<Effect>();
            options.RegisterActivity<Refuse>();
        });
        using var host = builder.Build();
        await host.StartAsync();
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
