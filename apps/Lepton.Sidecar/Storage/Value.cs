namespace Lepton.Sidecar.Storage;

/// <summary>One SQL argument. Converts from the few types SQLite knows, without boxing.</summary>
internal readonly struct Value
{
    internal enum Kind : byte { Null, Integer, Real, Text, Blob }

    internal readonly Kind Type;
    internal readonly long Integer;
    internal readonly string? Text;
    internal readonly ReadOnlyMemory<byte> Blob;

    private Value(Kind type, long integer = 0, string? text = null, ReadOnlyMemory<byte> blob = default) =>
        (Type, Integer, Text, Blob) = (type, integer, text, blob);

    internal double Real => BitConverter.Int64BitsToDouble(Integer);

    public static implicit operator Value(long value) => new(Kind.Integer, value);
    public static implicit operator Value(long? value) => value is { } number ? new(Kind.Integer, number) : default;
    public static implicit operator Value(int value) => new(Kind.Integer, value);
    public static implicit operator Value(bool value) => new(Kind.Integer, value ? 1 : 0);
    public static implicit operator Value(double value) => new(Kind.Real, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Value(string? value) => value is null ? default : new(Kind.Text, text: value);
    public static implicit operator Value(byte[]? value) => value is null ? default : new(Kind.Blob, blob: value);
    public static implicit operator Value(ReadOnlyMemory<byte> value) => new(Kind.Blob, blob: value);
}
