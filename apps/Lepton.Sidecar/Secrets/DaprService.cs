using Dapr.Client.Autogen.Grpc.v1;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindSecrets(GrpcMethods<DaprService> methods)
    {
        methods.Unary<GetSecretRequest, GetSecretResponse>("GetSecret", static (service, request, _) => service.GetSecretAsync(request));
        methods.Unary<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", static (service, request, _) => service.GetBulkSecretAsync(request));
    }

    private async Task<GetSecretResponse> GetSecretAsync(GetSecretRequest request)
    {
        var (secret, error) = await secrets.GetAsync(request.StoreName, request.Key).ConfigureAwait(false);
        if (error is not null) throw error.ToRpc();
        var response = new GetSecretResponse();
        foreach (var (name, value) in secret!) response.Data[name] = value;
        return response;
    }

    private async Task<GetBulkSecretResponse> GetBulkSecretAsync(GetBulkSecretRequest request)
    {
        var (all, error) = await secrets.AllAsync(request.StoreName).ConfigureAwait(false);
        if (error is not null) throw error.ToRpc();
        var response = new GetBulkSecretResponse();
        foreach (var (key, values) in all)
        {
            var secret = response.Data[key] = new SecretResponse();
            foreach (var (name, value) in values) secret.Secrets[name] = value;
        }
        return response;
    }
}
