namespace Lepton.Sidecar.Resources;

/// <summary>
/// What an emulated component really connects to. Two components with the same type and connection are the same broker or store whatever their names;
/// another host or another redisDB is another world. In-memory state belongs to one app, as each daprd would hold its own.
/// </summary>
internal static class World
{
    private static readonly string[] Connection = ["connectionString", "redisHost", "redisDB", "url", "host", "port", "database", "collection", "hostname", "natsURL", "namespaceName", "tableName", "brokers"];

    internal static string Of(Component component, string appId)
    {
        if (component.InMemory) return component.Family == "state" ? $"{component.Type}|{appId}|{component.Name}" : $"{component.Type}|{component.Name}";
        var parts = Connection.Where(key => component[key] is not null).Select(key => $"{key}={component[key]}");
        var world = string.Join('|', parts.Prepend(component.Type));
        return component.Type.Contains("redis", StringComparison.Ordinal) && component["redisDB"] is null ? world + "|redisDB=0" : world;
    }
}
