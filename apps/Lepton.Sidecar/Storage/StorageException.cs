using SQLitePCL;

namespace Lepton.Sidecar.Storage;

/// <summary>The store could not do what was asked. Nothing of the failed call was stored; what was acknowledged before is safe.</summary>
public sealed class StorageException : Exception
{
    private StorageException(int code, string message) : base(message) => Code = code;

    internal StorageException(string message, Exception? inner = null) : base(message, inner) { }

    /// <summary>SQLite's result code, 0 when the failure is not SQLite's.</summary>
    public int Code { get; }

    internal static StorageException From(int code, string detail, string file)
    {
        var message = (code & 0xff) switch
        {
            raw.SQLITE_FULL => $"The disk that holds '{file}' is full ({detail}). Nothing of this call was stored; free some space and try again.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => $"'{file}' cannot be written ({detail}). Give the runtime's user write access to its folder, or name another with --state.",
            raw.SQLITE_CANTOPEN => $"'{file}' cannot be opened ({detail}). Check that its folder exists and is writable, or name another with --state.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"'{file}' is damaged ({detail}). Stop the runtime, move the file and its -wal aside, and start again (or recover it with `sqlite3 '{file}' .recover`).",
            raw.SQLITE_IOERR => $"Reading or writing '{file}' failed ({detail}). Nothing of this call was stored; check the disk and its free space.",
            _ => $"SQLite refused a statement on '{file}': {detail} (code {code}).",
        };
        return new(code, message);
    }
}
