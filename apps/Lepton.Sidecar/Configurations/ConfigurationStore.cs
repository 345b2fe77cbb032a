using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Configurations;

/// <summary>A value an operator gave, and its version ("" when it has none).</summary>
internal sealed record ConfigurationItem(string Value, string Version)
{
    /// <summary>Reads `value||version`, the form in which Redis holds an item.</summary>
    internal static ConfigurationItem Read(string text)
    {
        var bars = text.IndexOf("||", StringComparison.Ordinal);
        return bars < 0 ? new(text, "") : new(text[..bars], text[(bars + 2)..]);
    }
}

/// <summary>The items of one configuration component. They come in over the control port, and whoever subscribed is told.</summary>
internal sealed class ConfigurationStore(string world, Database database)
{
    private readonly long id = Worlds.IdOf(database, world);

    /// <summary>An item was set, or taken away (then it is empty). Raised in the order of the changes.</summary>
    internal event Action<string, ConfigurationItem>? Changed;

    internal Task SetAsync(string key, ConfigurationItem item) => database.WriteAsync(write =>
    {
        write.Execute("INSERT OR REPLACE INTO configuration_item(world, key, value, version) VALUES(?1, ?2, ?3, ?4)", id, key, item.Value, item.Version);
        write.OnCommitted(() => Changed?.Invoke(key, item));
    });

    internal Task RemoveAsync(string key) => database.WriteAsync(write =>
    {
        if (write.Execute("DELETE FROM configuration_item WHERE world=?1 AND key=?2", id, key) > 0) write.OnCommitted(() => Changed?.Invoke(key, new("", "")));
    });

    /// <summary>The items of the keys, those that are there; of no keys, all.</summary>
    internal SortedDictionary<string, ConfigurationItem> Get(IReadOnlyCollection<string> keys) => database.Read(session =>
    {
        var items = new SortedDictionary<string, ConfigurationItem>(StringComparer.Ordinal);
        using var rows = session.Query("SELECT key, value, version FROM configuration_item WHERE world=?1", id);
        while (rows.Read())
            if (rows.Text(0)! is var key && (keys.Count == 0 || keys.Contains(key))) items[key] = new(rows.Text(1)!, rows.Text(2)!);
        return items;
    });
}
