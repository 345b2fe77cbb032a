namespace Lepton.Node.Api;

/// <summary>Reads a whole request body, up to a limit.</summary>
internal static class Body
{
    /// <summary>Null when the body is larger than the limit; what came beyond it is not read.</summary>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var known = (int)(request.ContentLength ?? 0);
        using var buffer = new MemoryStream(known);
        var block = new byte[64 << 10];
        int read;
        while ((read = await request.Body.ReadAsync(block, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limit)
            {
                return null;
            }

            buffer.Write(block, 0, read);
        }

        return buffer.Length == known && buffer.TryGetBuffer(out var whole) && whole.Array!.Length == known ? whole.Array : buffer.ToArray();
    }
}
