namespace Lepton.Sidecar.Invocation;

/// <summary>A request body grew beyond the sidecar's limit.</summary>
internal sealed class BodyTooLargeException : IOException
{
    internal BodyTooLargeException() : base("stream too large") { }
}

/// <summary>A request body that passes through and fails once it is above the limit.</summary>
internal sealed class LimitedStream(Stream inner, long limit) : Stream
{
    private long seen;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A request body is read asynchronously.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        seen += read;
        return seen > limit ? throw new BodyTooLargeException() : read;
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
