using SQLitePCL;

namespace Lepton.Sidecar.Storage;

/// <summary>The rows of a running statement; columns count from 0.</summary>
internal readonly ref struct Rows
{
    private readonly Session session;
    private readonly string sql;
    private readonly sqlite3_stmt statement;

    internal Rows(Session session, string sql, sqlite3_stmt statement) => (this.session, this.sql, this.statement) = (session, sql, statement);

    /// <summary>Moves to the next row; false after the last.</summary>
    public bool Read()
    {
        var code = raw.sqlite3_step(statement);
        session.Check(code);
        return code == raw.SQLITE_ROW;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[]? Blob(int column) => IsNull(column) ? null : raw.sqlite3_column_blob(statement, column).ToArray();

    /// <summary>The bytes of a column, valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(statement, column);

    public void Dispose() => session.Return(sql, statement);
}
