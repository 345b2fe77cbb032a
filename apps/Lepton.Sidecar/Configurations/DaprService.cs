using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using ProtoConfigurationItem = Dapr.Client.Autogen.Grpc.v1.ConfigurationItem;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindConfigurations(GrpcMethods<DaprService> methods)
    {
        foreach (var version in (ReadOnlySpan<string>)["", "Alpha1"])
        {
            methods.Unary<GetConfigurationRequest, GetConfigurationResponse>("GetConfiguration" + version, static (service, request, _) => service.GetConfiguration(request));
            methods.ServerStream<SubscribeConfigurationRequest, SubscribeConfigurationResponse>("SubscribeConfiguration" + version, static (service, request, stream, call) => service.SubscribeAsync(request, stream, call));
            methods.Unary<UnsubscribeConfigurationRequest, UnsubscribeConfigurationResponse>("UnsubscribeConfiguration" + version, static (service, request, _) => service.Unsubscribe(request));
        }
    }

    private Task<GetConfigurationResponse> GetConfiguration(GetConfigurationRequest request)
    {
        if (configurations.Find(request.StoreName, out var store) is { } error) throw error.ToRpc();
        var response = new GetConfigurationResponse();
        foreach (var (key, item) in store.Get(request.Keys)) response.Items[key] = Item(item);
        return Task.FromResult(response);
    }

    private async Task SubscribeAsync(SubscribeConfigurationRequest request, IServerStreamWriter<SubscribeConfigurationResponse> stream, ServerCallContext call)
    {
        if (configurations.Find(request.StoreName, out var store) is { } error) throw error.ToRpc();
        var subscription = configurations.Subscribe(store, [.. request.Keys]);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, sidecar.Stopping);
        try
        {
            await stream.WriteAsync(new SubscribeConfigurationResponse { Id = subscription.Id }, end.Token).ConfigureAwait(false);
            await foreach (var (key, item) in subscription.Changes.ReadAllAsync(end.Token).ConfigureAwait(false))
                await stream.WriteAsync(new SubscribeConfigurationResponse { Id = subscription.Id, Items = { [key] = Item(item) } }, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The app has gone, or the sidecar stops.
        }
        finally
        {
            configurations.Unsubscribe(subscription.Id);
        }
    }

    private Task<UnsubscribeConfigurationResponse> Unsubscribe(UnsubscribeConfigurationRequest request)
    {
        return Task.FromResult(configurations.Unsubscribe(request.Id)
            ? new UnsubscribeConfigurationResponse { Ok = true }
            : new UnsubscribeConfigurationResponse { Message = $"failed to unsubscribe to configuration request {request.Id}: subscription does not exist" });
    }

    private static ProtoConfigurationItem Item(Configurations.ConfigurationItem item) => new() { Value = item.Value, Version = item.Version };
}
