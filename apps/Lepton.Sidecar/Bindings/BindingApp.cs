using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Bindings;

/// <summary>The app as input bindings see it: which of them it takes, and how an event reaches it, over HTTP or gRPC.</summary>
internal sealed class BindingApp(VirtualSidecar sidecar, BindingSet bindings)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    internal async Task<bool> WantsAsync(Component component, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return sidecar.App.IsGrpc
                    ? (await sidecar.App.CallAsync(AppMethods.ListInputBindings, new Empty(), [], stop).ConfigureAwait(false)).Answer.Bindings.Contains(component.Name)
                    : await ProbeAsync(component, stop).ConfigureAwait(false);
            }
            catch (RpcException fault) when (fault.StatusCode != StatusCode.Unavailable)
            {
                return false;
            }
            catch (Exception fault) when (fault is HttpRequestException or RpcException)
            {
                await Task.Delay(Pause, sidecar.Runtime.Time, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> ProbeAsync(Component component, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Options, component, default);
        using var answer = await sidecar.App.SendAsync(request, stop).ConfigureAwait(false);
        return (int)answer.StatusCode is (>= 200 and < 300) or 405;
    }

    internal async Task<bool> DeliverAsync(Component component, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        var (taken, refusal) = await sidecar.Guards.Inbound(component.Name, "binding").RunAsync(
            limit => sidecar.App.IsGrpc ? CallAsync(component, data, metadata, limit) : PostAsync(component, data, metadata, limit), null, stop).ConfigureAwait(false);
        return taken && refusal == Refusal.None;
    }

    private async Task<Attempt<bool>> PostAsync(Component component, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Post, component, data);
        foreach (var (name, value) in metadata) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var answer = await sidecar.App.SendAsync(request, stop).ConfigureAwait(false);
            // Any 2xx is taken in the end, but only 200 keeps a retry policy from asking again.
            return new(answer.IsSuccessStatusCode, (int)answer.StatusCode == 200 ? Verdict.Final : Verdict.Failed, (int)answer.StatusCode);
        }
        catch (HttpRequestException)
        {
            return new(false, Verdict.Failed);
        }
    }

    private async Task<Attempt<bool>> CallAsync(Component component, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop)
    {
        var request = new BindingEventRequest { Name = component.Name, Data = UnsafeByteOperations.UnsafeWrap(data) };
        foreach (var (name, value) in metadata) request.Metadata[name] = value;
        try
        {
            var (answer, _) = await sidecar.App.CallAsync(AppMethods.OnBindingEvent, request, [], stop).ConfigureAwait(false);
            return new(await FollowAsync(answer, stop).ConfigureAwait(false), Verdict.Final);
        }
        catch (RpcException)
        {
            return new(false, Verdict.Failed);
        }
    }

    /// <summary>What an app that speaks gRPC asks for in its answer: state to be saved, and other bindings to be called with its data.</summary>
    private async Task<bool> FollowAsync(BindingEventResponse answer, CancellationToken stop)
    {
        if (answer.StoreName.Length > 0 && answer.States.Count > 0)
        {
            if (!StateComponent.All(sidecar).TryGetValue(answer.StoreName, out var store)) return Fail($"names state store '{answer.StoreName}', which is not there");
            var writes = answer.States.Select(static item => new StateWrite(item.Key, item.Value.ToByteArray())).ToList();
            if (await StateApi.SaveAsync(store, writes, (cause, conflict) => StateErrors.Save(answer.StoreName, cause, conflict)).ConfigureAwait(false) is { } error) return Fail(error.Message);
        }
        var none = new Dictionary<string, string>();
        if (answer.Concurrency == BindingEventResponse.Types.BindingEventConcurrency.Parallel)
            return (await Task.WhenAll(answer.To.Select(to => bindings.InvokeAsync(to, "create", answer.Data.Memory, none, stop))).ConfigureAwait(false)).All(reply => reply.Fault is null || Fail(reply.Fault));
        foreach (var to in answer.To)
            if ((await bindings.InvokeAsync(to, "create", answer.Data.Memory, none, stop).ConfigureAwait(false)).Fault is { } fault) return Fail(fault);
        return true;
    }

    private bool Fail(string cause)
    {
        sidecar.Runtime.Log($"{sidecar.AppId}: the app's answer to an input binding could not be followed: {cause}");
        return false;
    }

    private HttpRequestMessage Request(HttpMethod method, Component component, ReadOnlyMemory<byte> data)
    {
        var route = component["route"] ?? component.Name;
        var request = sidecar.App.Request(method, route.StartsWith('/') ? route : "/" + route);
        request.Content = new ReadOnlyMemoryContent(data);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return request;
    }
}
