using SQLitePCL;

namespace Lepton.Sidecar.Storage;

/// <summary>One SQLite connection with its prepared statements. Used by one thread at a time.</summary>
internal class Session : IDisposable
{
    /// <summary>Milliseconds.</summary>
    internal const int Patience = 10_000;

    private readonly Dictionary<string, sqlite3_stmt> statements = [];
    private readonly sqlite3 handle;

    static Session() => Batteries_V2.Init();

    internal Session(string file, bool readOnly = false)
    {
        File = file;
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_URI;
        Check(raw.sqlite3_open_v2(file, out handle, flags, null));
        raw.sqlite3_extended_result_codes(handle, 1);
        WaitForLocks(Patience);
        if (readOnly) Script("PRAGMA query_only=1");
    }

    internal string File { get; }

    internal bool InTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <summary>Runs one statement and gives the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<Value> arguments)
    {
        using var rows = Query(sql, arguments);
        while (rows.Read()) { }
        return raw.sqlite3_changes(handle);
    }

    /// <summary>Runs one statement and gives its rows; dispose what it returns before the session is used elsewhere.</summary>
    public Rows Query(string sql, params ReadOnlySpan<Value> arguments)
    {
        if (!statements.Remove(sql, out var statement)) Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement));
        for (var i = 0; i < arguments.Length; i++) Bind(statement, i + 1, in arguments[i]);
        return new(this, sql, statement);
    }

    /// <summary>How many milliseconds a statement waits for another connection's lock.</summary>
    internal void WaitForLocks(int milliseconds) => raw.sqlite3_busy_timeout(handle, milliseconds);

    /// <summary>Runs a text of several statements, such as a schema.</summary>
    internal void Script(string sql) => Check(raw.sqlite3_exec(handle, sql));

    internal void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        throw StorageException.From(code, raw.sqlite3_errmsg(handle).utf8_to_string(), File);
    }

    internal void Return(string sql, sqlite3_stmt statement)
    {
        raw.sqlite3_reset(statement);
        raw.sqlite3_clear_bindings(statement);
        if (!statements.TryAdd(sql, statement)) raw.sqlite3_finalize(statement);
    }

    private void Bind(sqlite3_stmt statement, int index, in Value value) => Check(value.Type switch
    {
        Value.Kind.Integer => raw.sqlite3_bind_int64(statement, index, value.Integer),
        Value.Kind.Real => raw.sqlite3_bind_double(statement, index, value.Real),
        Value.Kind.Text => raw.sqlite3_bind_text(statement, index, value.Text),
        Value.Kind.Blob when value.Blob.IsEmpty => raw.sqlite3_bind_zeroblob(statement, index, 0),
        Value.Kind.Blob => raw.sqlite3_bind_blob(statement, index, value.Blob.Span),
        _ => raw.sqlite3_bind_null(statement, index),
    });

    public void Dispose()
    {
        foreach (var statement in statements.Values) raw.sqlite3_finalize(statement);
        statements.Clear();
        raw.sqlite3_close_v2(handle);
        GC.SuppressFinalize(this);
    }
}
