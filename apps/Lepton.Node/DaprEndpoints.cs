namespace Lepton.Node;

/// <summary>Where the sidecar is, by the same rules as the Dapr SDK: the endpoint, else the port, else the default port.</summary>
internal static class DaprEndpoints
{
    public static string Http(IConfiguration configuration) =>
        configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}";
}
