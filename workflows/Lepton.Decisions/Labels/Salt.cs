using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Lepton.Decisions.Labels;

/// <summary>What a share of an event's hash is drawn for; shares of different draws are independent of each other.</summary>
public enum Draw : ulong
{
    /// <summary>Whether the event is a shadow event.</summary>
    Shadow = 0x9E3779B97F4A7C15,

    /// <summary>The jitter that orders equal doubts.</summary>
    Tie = 0xC2B2AE3D27D4EB4F,

    /// <summary>Whether the event's label may be trained on, or is kept for calibration.</summary>
    Training = 0x165667B19E3779F9,

    /// <summary>Whether a label that may be trained on is held out to choose among heads.</summary>
    Choice = 0x27D4EB2F165667C5,
}

/// <summary>
/// The secret with which event ids are hashed (SipHash-2-4). The same event gets the same hash on every node and redelivery, and nobody without
/// the secret can choose an id that escapes the shadow coin.
/// </summary>
public sealed class Salt
{
    private readonly ulong key0;
    private readonly ulong key1;

    /// <summary>Derives the key from a secret of any length.</summary>
    /// <param name="secret">The secret, from a secret store.</param>
    /// <param name="version">Its version, logged with each decision so that the decision can be recomputed.</param>
    public Salt(string secret, int version = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), digest);
        key0 = BinaryPrimitives.ReadUInt64LittleEndian(digest);
        key1 = BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]);
        Version = version;
    }

    /// <summary>The secret's version.</summary>
    public int Version { get; }

    /// <summary>The hash of an event's id (its UTF-8 bytes), without allocating.</summary>
    public ulong HashOf(ReadOnlySpan<char> id)
    {
        var most = Encoding.UTF8.GetMaxByteCount(id.Length);
        var rented = most > 512 ? ArrayPool<byte>.Shared.Rent(most) : null;
        var buffer = rented ?? stackalloc byte[512];
        var length = Encoding.UTF8.GetBytes(id, buffer);
        var hash = SipHash.Hash(key0, key1, buffer[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>A number from 0 (included) to 1 (excluded) that <paramref name="hash"/> decides, uniform over events.</summary>
    public static double Share(ulong hash, Draw draw)
    {
        // The finaliser of SplitMix64: every bit of the hash moves half of the bits of the share.
        var z = hash + (ulong)draw;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 11) * (1.0 / (1UL << 53));
    }
}
