using System.Buffers.Binary;

namespace Lepton.Sidecar.Invocation;

/// <summary>A message of a passed gRPC call is above the sidecar's limit.</summary>
internal sealed class MessageTooLargeException(long length, long limit) : IOException($"grpc: received message larger than max ({length} vs. {limit})");

/// <summary>Finds where the messages of a gRPC stream begin and end while its bytes pass by, and holds their lengths against the limit.</summary>
internal sealed class MessageFrames(long limit)
{
    private const int Header = 5;
    private readonly byte[] header = new byte[Header];
    private int known;
    private long left;

    /// <summary>Messages that have begun.</summary>
    internal int Count { get; private set; }

    /// <summary>All that has begun is whole, and something has.</summary>
    internal bool IsBetween => Count > 0 && left == 0 && known == 0;

    /// <exception cref="MessageTooLargeException">A message begins that is too long.</exception>
    internal void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (left > 0)
            {
                var part = (int)Math.Min(left, bytes.Length);
                left -= part;
                bytes = bytes[part..];
                continue;
            }
            var taken = Math.Min(Header - known, bytes.Length);
            bytes[..taken].CopyTo(header.AsSpan(known));
            known += taken;
            bytes = bytes[taken..];
            if (known < Header) return;
            known = 0;
            Count++;
            left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1));
            if (left > limit) throw new MessageTooLargeException(left, limit);
        }
    }
}
