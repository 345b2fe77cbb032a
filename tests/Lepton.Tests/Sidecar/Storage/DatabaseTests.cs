using Lepton.Sidecar.Storage;

namespace Lepton.Tests.Sidecar.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-db-");

    private string State => Path.Combine(folder.FullName, "state");

    private static Task AddAsync(Database database, string name) => database.WriteAsync(transaction => { transaction.Execute("INSERT INTO world(name) VALUES(?1)", name); });

    private static long Count(Database database) => database.Read(session =>
    {
        using var rows = session.Query("SELECT COUNT(*) FROM world");
        rows.Read();
        return rows.Number(0);
    });

    [Fact]
    public async Task A_file_of_another_version_is_named_and_left_as_it_is()
    {
        using (var database = Database.Open(State)) await database.WriteAsync(transaction => { transaction.Execute("PRAGMA user_version=7"); });
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var error = Assert.Throws<StorageException>(() => Database.Open(State));
            Assert.Contains("runtime.db' was written by another version of Lepton", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Work_that_throws_undoes_only_itself()
    {
        using var database = Database.Open(State);
        var good = AddAsync(database, "a");
        var bad = database.WriteAsync(transaction =>
        {
            transaction.Execute("INSERT INTO world(name) VALUES('half')");
            throw new InvalidOperationException("no");
        });
        var after = AddAsync(database, "b");
        await good;
        await after;
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(2, Count(database));
    }

    [Fact]
    public async Task The_log_begins_anew_while_writers_write_on()
    {
        using var database = Database.Open(State);
        var log = new FileInfo(Path.Combine(State, "runtime.db-wal"));
        var payload = new byte[30_000];
        long written = 0;
        async Task WriteOnAsync()
        {
            // Writers that never pause: at no moment is all of the log moved by itself.
            while (Interlocked.Add(ref written, payload.Length) < 200_000_000)
                await database.WriteAsync(transaction => { transaction.Execute("INSERT INTO message(payload) VALUES(?1)", (ReadOnlyMemory<byte>)payload); });
        }
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => WriteOnAsync()));
        log.Refresh();
        Assert.InRange(log.Length, 1, 120_000_000);
    }

    [Fact]
    public async Task What_is_acknowledged_is_in_the_files_as_a_crash_would_leave_them()
    {
        using var database = Database.Open(State);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => AddAsync(database, $"w{i}")));
        // The writer is still open: what a copy of its files holds now is what kill -9 leaves.
        var crashed = Directory.CreateDirectory(Path.Combine(folder.FullName, "crashed"));
        foreach (var file in Directory.GetFiles(State, "runtime.db*")) File.Copy(file, Path.Combine(crashed.FullName, Path.GetFileName(file)));
        using var reopened = Database.Open(crashed.FullName);
        Assert.Equal(500, Count(reopened));
    }

    [Fact]
    public async Task Committed_actions_run_in_order_and_before_the_task_completes()
    {
        using var database = Database.InMemory();
        var order = new List<int>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => database.WriteAsync(transaction => transaction.OnCommitted(() => order.Add(i)))));
        Assert.Equal(Enumerable.Range(0, 200), order);
    }

    [Fact]
    public async Task A_full_disk_is_named_loses_nothing_and_passes()
    {
        using var database = Database.Open(State);
        await AddAsync(database, "before");
        await database.WriteAsync(transaction => Pragma(transaction, "PRAGMA max_page_count=1"));
        var fault = await Assert.ThrowsAsync<StorageException>(() => database.WriteAsync(transaction =>
        {
            for (var i = 0; i < 200; i++) transaction.Execute("INSERT INTO world(name) VALUES(?1)", new string('x', 4000) + i);
        }));
        Assert.Contains("is full", fault.Message);
        Assert.Contains(database.File, fault.Message);
        Assert.Equal(1, Count(database));
        await database.WriteAsync(transaction => Pragma(transaction, "PRAGMA max_page_count=1073741823"));
        await AddAsync(database, "after");
        Assert.Equal(2, Count(database));
    }

    [Fact]
    public void A_damaged_file_is_named_with_its_cure()
    {
        Directory.CreateDirectory(State);
        File.WriteAllBytes(Path.Combine(State, "runtime.db"), [.. Enumerable.Repeat((byte)7, 8192)]);
        var fault = Assert.Throws<StorageException>(() => Database.Open(State));
        Assert.Contains("runtime.db' is damaged", fault.Message);
        Assert.Contains("move the file", fault.Message);
        // The folder is free again.
        File.Delete(Path.Combine(State, "runtime.db"));
        Database.Open(State).Dispose();
    }

    [Fact]
    public void A_folder_in_use_and_a_folder_that_cannot_be_are_told_apart()
    {
        using (Database.Open(State)) Assert.Contains("in use by another", Assert.Throws<StorageException>(() => Database.Open(State)).Message);
        File.WriteAllText(Path.Combine(folder.FullName, "file"), "");
        Assert.Contains("cannot be used", Assert.Throws<StorageException>(() => Database.Open(Path.Combine(folder.FullName, "file", "state"))).Message);
    }

    private static void Pragma(WriteTransaction transaction, string sql) => transaction.Execute(sql);

    public void Dispose() => folder.Delete(recursive: true);
}
