using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Bindings;

/// <summary>The bindings of one app: those it calls, and those that call it while it is healthy.</summary>
internal sealed class BindingSet : IDisposable
{
    private readonly Dictionary<string, OutputBinding> outputs = [];
    private readonly List<(Component Component, InputBinding Binding)> inputs = [];
    private readonly List<Task> running = [];
    private readonly VirtualSidecar sidecar;
    private CancellationTokenSource? taking;

    /// <exception cref="RuntimeException">A component lacks what it needs; the message says what.</exception>
    internal BindingSet(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        Open();
        sidecar.WhenAppHealthy(StartAsync);
        sidecar.WhenAppUnhealthy(StopAsync);
        sidecar.WhenReloaded(ReloadAsync);
    }

    private void Open()
    {
        foreach (var component in sidecar.Resources.Components.Values.Where(static c => c.Family == "bindings"))
        {
            if (Output(component) is { } output && !Says(component, "input")) outputs.Add(component.Name, output);
            if (!Says(component, "output") && Input(component) is { } input) inputs.Add((component, input));
        }
    }

    private async Task ReloadAsync(CancellationToken stop)
    {
        await StopAsync().ConfigureAwait(false);
        Dispose();
        outputs.Clear();
        inputs.Clear();
        Open();
        if (sidecar.State.Healthy) await StartAsync(stop).ConfigureAwait(false);
    }

    internal static bool Serves(string type) => type is "bindings.http" or "bindings.localstorage" or "bindings.cron" or "bindings.mqtt3";

    /// <summary>What the metadata API says of a binding.</summary>
    internal static string[] Capabilities(Component component) => component.Type switch
    {
        "bindings.cron" => ["INPUT_BINDING"],
        "bindings.mqtt3" when component["topic"] is not null && !Says(component, "output") => Says(component, "input") ? ["INPUT_BINDING"] : ["INPUT_BINDING", "OUTPUT_BINDING"],
        _ => ["OUTPUT_BINDING"],
    };

    internal static ApiError Failed(string name, string fault) => new(500, "ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {name}: {fault}", StatusCode.Internal);

    internal async Task<BindingReply> InvokeAsync(string name, string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        if (operation.Length == 0) return BindingReply.Failed("operation field is missing from request");
        if (!outputs.TryGetValue(name, out var binding)) return BindingReply.Failed($"couldn't find output binding {name}");
        if (!binding.Operations.Contains(operation)) return BindingReply.Failed($"binding {name} does not support operation {operation}. supported operations:{string.Join(' ', binding.Operations)}");
        var (reply, refusal) = await sidecar.Guards.Outbound(name, "binding").RunAsync(
            async limit =>
            {
                var made = await binding.InvokeAsync(operation, data, metadata, limit).ConfigureAwait(false);
                return new Attempt<BindingReply>(made, made.Fault is null ? Verdict.Final : Verdict.Failed);
            },
            null, stop).ConfigureAwait(false);
        return refusal == Refusal.None ? reply! : BindingReply.Failed(refusal.Text());
    }

    private static OutputBinding? Output(Component component) => component.Type switch
    {
        "bindings.http" => new HttpBinding(component),
        "bindings.localstorage" => new StorageBinding(component),
        "bindings.mqtt3" => new MqttOutput(component),
        _ => null,
    };

    private InputBinding? Input(Component component) => component.Type switch
    {
        "bindings.cron" => new CronBinding(component, sidecar.Runtime.Time),
        // One without a topic is for output alone, unless it says otherwise.
        "bindings.mqtt3" when component["topic"] is not null || Says(component, "input") => new MqttInput(component, text => sidecar.Runtime.Log($"{sidecar.AppId}: {text}")),
        _ => null,
    };

    private static bool Says(Component component, string direction) => component["direction"]?.Trim() == direction;

    private async Task StartAsync(CancellationToken stop)
    {
        if (!sidecar.App.Exists || inputs.Count == 0) return;
        taking = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var app = new BindingApp(sidecar, this);
        foreach (var (component, binding) in inputs)
        {
            if (Says(component, "input") || await app.WantsAsync(component, stop).ConfigureAwait(false)) running.Add(RunAsync(component, binding, app, taking.Token));
            else sidecar.Runtime.Log($"{sidecar.AppId}: the app does not take input binding '{component.Name}'");
        }
    }

    private async Task RunAsync(Component component, InputBinding binding, BindingApp app, CancellationToken stop)
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await binding.RunAsync((data, metadata, limit) => app.DeliverAsync(component, data, metadata, limit), stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The app is unhealthy or the sidecar stops.
        }
        catch (Exception fault)
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: input binding '{component.Name}' ended: {fault}");
        }
    }

    private async Task StopAsync()
    {
        if (taking is null) return;
        await taking.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
        running.Clear();
        taking.Dispose();
        taking = null;
    }

    public void Dispose()
    {
        foreach (var output in outputs.Values) (output as IDisposable)?.Dispose();
    }
}
