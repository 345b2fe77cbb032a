using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Lepton.Contracts.Events;

/// <summary>The one key of an event, from which every id of its results is made.</summary>
public static class EventKey
{
    /// <summary>32 hexadecimal digits: the first 128 bits of SHA-256 over <c>source</c>, a zero byte and <c>id</c>. Equal events have equal keys on every node and run.</summary>
    public static string Of(string source, string id)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(id);
        var sourceBytes = Encoding.UTF8.GetByteCount(source);
        var length = sourceBytes + 1 + Encoding.UTF8.GetByteCount(id);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        Encoding.UTF8.GetBytes(source, buffer);
        buffer[sourceBytes] = 0;
        Encoding.UTF8.GetBytes(id, buffer.AsSpan(sourceBytes + 1));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, length), hash);
        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>The subject that all revisions of an event's result share: <c>pipeline/key</c>.</summary>
    public static string Subject(string pipeline, string key) => $"{pipeline}/{key}";

    /// <summary>The CloudEvent id of one revision of a result: <c>pipeline/key/revision</c>.</summary>
    public static string ResultId(string subject, int revision) => $"{subject}/{revision}";
}
