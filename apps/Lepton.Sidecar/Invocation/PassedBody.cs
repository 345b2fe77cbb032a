using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Lepton.Sidecar.Invocation;

/// <summary>A body that goes out as it comes in, piece by piece, and ends when it ends: what a stream of messages in both directions needs.</summary>
internal sealed class PassedBody(PipeReader source, long limit) : HttpContent
{
    private readonly MessageFrames frames = new(limit);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The call begins with its first flush, long before the first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var read = await source.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var piece in read.Buffer)
            {
                frames.Pass(piece.Span);
                await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            }
            source.AdvanceTo(read.Buffer.End);
            if (!read.Buffer.IsEmpty) await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (read.IsCompleted || read.IsCanceled) return;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
