using Lepton.Contracts.Resources;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads an HTTPEndpoint.</summary>
internal static class EndpointReader
{
    internal static void Read(YamlMap document, ValueReader values, ResourceSet set)
    {
        var name = document.RequiredMap("metadata", "write metadata with a name").RequiredText("name", "name the endpoint");
        var spec = document.RequiredMap("spec", "write spec with baseUrl");
        var address = spec.RequiredText("baseUrl", "write an address such as https://api.example.org");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            if (address.Length > 0) spec.Report("baseUrl", $"is '{address}'", "write an address that begins with http:// or https://");
            return;
        }
        var store = document.Map("auth")?.Text("secretStore");
        var headers = spec.Maps("headers").Select(h => KeyValuePair.Create(h.RequiredText("name", "name the header"), values.Read(h, store))).ToList();
        set.Endpoints[name] = new HttpEndpoint(name, address.TrimEnd('/'), headers);
    }
}
