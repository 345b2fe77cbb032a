using System.Buffers;

namespace Lepton.Sidecar.Http;

/// <summary>A request body in a rented buffer; dispose it when its bytes are no longer looked at.</summary>
internal readonly struct Body : IDisposable
{
    private readonly byte[] rented;
    private readonly int length;

    private Body(byte[] rented, int length, bool tooLarge) => (this.rented, this.length, TooLarge) = (rented, length, tooLarge);

    /// <summary>The body is above the sidecar's limit; its bytes were not kept.</summary>
    internal bool TooLarge { get; }

    internal ReadOnlyMemory<byte> Bytes => rented.AsMemory(0, length);

    internal static async ValueTask<Body> ReadAsync(HttpContext context, long limit)
    {
        var announced = context.Request.ContentLength;
        if (announced > limit) return new([], 0, true);
        var reader = context.Request.Body;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Max(1024, (announced ?? 0) + 1));
        var length = 0;
        while (true)
        {
            if (length == buffer.Length) buffer = Grow(buffer, length);
            var read = await reader.ReadAsync(buffer.AsMemory(length), context.RequestAborted).ConfigureAwait(false);
            if (read == 0) return new(buffer, length, false);
            length += read;
            if (length <= limit) continue;
            ArrayPool<byte>.Shared.Return(buffer);
            return new([], 0, true);
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    public void Dispose()
    {
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
    }
}
