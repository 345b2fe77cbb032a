using System.Diagnostics;
using Dapr.Workflow;
using Lepton.Sidecar.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar.Workers;

/// <summary>A runtime with one app, whose worker connects from outside, and the official client of it.</summary>
public abstract class WorkerRun : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-workers-");
    private EmbeddedRuntime? runtime;
    private IHost? host;

    internal DaprWorkflowClient Client => host!.Services.GetRequiredService<DaprWorkflowClient>();

    internal int GrpcPort => runtime!.PortsOf("flows").Grpc;

    internal Uri Http => new($"http://127.0.0.1:{runtime!.PortsOf("flows").Http}");

    /// <summary>Whether the official worker runs in this process; else another one is to connect.</summary>
    protected abstract bool HasOfficialWorker { get; }

    protected virtual Task ConnectAsync() => Task.CompletedTask;

    protected virtual void Disconnect() { }

    public async ValueTask InitializeAsync()
    {
        runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions { Sidecars = [new SidecarOptions { AppId = "flows", Resources = SidecarProcess.ActorStore }], StateFolder = Path.Combine(folder.FullName, "state"), Log = static _ => { } });
        await ConnectAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = Http.ToString(), ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{GrpcPort}" });
        builder.Services.AddDaprWorkflow(Register);
        host = builder.Build();
        // The host's only service is the worker; the client needs no start.
        if (HasOfficialWorker) await host.StartAsync();
    }

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<Chain>();
        options.RegisterWorkflow<FanOut>();
        options.RegisterWorkflow<Nap>();
        options.RegisterWorkflow<Patience>();
        options.RegisterWorkflow<Parent>();
        options.RegisterWorkflow<Rounds>();
        options.RegisterWorkflow<Staged>();
        options.RegisterWorkflow<Retrying>();
        options.RegisterWorkflow<Lost>();
        options.RegisterWorkflow<CyclicActivity>();
        options.RegisterWorkflow<Cyclic>();
        options.RegisterWorkflow<Huge>();
        options.RegisterActivity<AddOne>();
        options.RegisterActivity<Flaky>();
        options.RegisterActivity<Cycle>();
        options.RegisterActivity<HugeText>();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (HasOfficialWorker && host is not null) await host.StopAsync();
        host?.Dispose();
        Disconnect();
        if (runtime is not null) await runtime.DisposeAsync();
        folder.Delete(recursive: true);
    }
}

public sealed class OfficialWorkerRun : WorkerRun
{
    protected override bool HasOfficialWorker => true;
}

public sealed class JavaScriptWorkerRun : WorkerRun
{
    private Process? worker;

    protected override bool HasOfficialWorker => false;

    protected override async Task ConnectAsync()
    {
        if (!JavaScript.Present) return;
        worker = await JavaScript.StartAsync(static _ => { }, "worker.js", "work", $"{GrpcPort}");
    }

    protected override void Disconnect()
    {
        worker?.Kill();
        worker?.Dispose();
    }
}
