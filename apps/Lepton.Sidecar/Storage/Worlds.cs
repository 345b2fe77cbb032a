namespace Lepton.Sidecar.Storage;

/// <summary>Short ids for the worlds (emulated brokers and stores) that rows belong to.</summary>
internal static class Worlds
{
    internal static long IdOf(Database database, string name) => database.WriteAsync(transaction =>
    {
        transaction.Execute("INSERT INTO world(name) VALUES(?1) ON CONFLICT(name) DO NOTHING", name);
        using var rows = transaction.Query("SELECT id FROM world WHERE name=?1", name);
        rows.Read();
        return rows.Number(0);
    }).GetAwaiter().GetResult();
}
