using Dapr.Client.Autogen.Grpc.v1;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindSecrets(GrpcMethods<DaprService> methods)
    {
        methods.Unary<GetSecretRequest, GetSecretResponse>("GetSecret", static (service, request, _) => service.GetSecret(request));
        methods.Unary<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", static (service, request, _) => service.GetBulkSecret(request));
    }

    private Task<GetSecretResponse> GetSecret(GetSecretRequest request)
    {
        if (secrets.Get(request.StoreName, request.Key, out var secret) is { } error) throw error.ToRpc();
        var response = new GetSecretResponse();
        foreach (var (name, value) in secret) response.Data[name] = value;
        return Task.FromResult(response);
    }

    private Task<GetBulkSecretResponse> GetBulkSecret(GetBulkSecretRequest request)
    {
        if (secrets.All(request.StoreName, out var all) is { } error) throw error.ToRpc();
        var response = new GetBulkSecretResponse();
        foreach (var (key, values) in all)
        {
            var secret = response.Data[key] = new SecretResponse();
            foreach (var (name, value) in values) secret.Secrets[name] = value;
        }
        return Task.FromResult(response);
    }
}
