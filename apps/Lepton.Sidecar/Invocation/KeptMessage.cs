using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Lepton.Sidecar.Invocation;

/// <summary>A call that may be made again sent more than one message.</summary>
internal sealed class StreamedRetryException() : IOException("cannot use resiliency policies with retries on streaming RPCs");

/// <summary>The one message of a call that may have to be made again. It is read once and goes out with each attempt; a second one ends the call.</summary>
internal sealed class KeptMessage
{
    private readonly PipeReader source;
    private readonly MessageFrames frames;
    private readonly ArrayBufferWriter<byte> kept = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal KeptMessage(PipeReader source, long limit, CancellationToken stop)
    {
        (this.source, frames) = (source, new MessageFrames(limit));
        _ = ReadAsync(stop);
    }

    /// <summary>A body for one attempt.</summary>
    internal HttpContent Content() => new Copy(this);

    private async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var read = await source.ReadAsync(stop).ConfigureAwait(false);
                foreach (var piece in read.Buffer)
                {
                    frames.Pass(piece.Span);
                    if (frames.Count > 1) throw new StreamedRetryException();
                    kept.Write(piece.Span);
                }
                source.AdvanceTo(read.Buffer.End);
                if (frames.IsBetween) whole.TrySetResult();
                if (!read.IsCompleted) continue;
                whole.TrySetResult();
                ended.TrySetResult();
                return;
            }
        }
        catch (Exception fault)
        {
            whole.TrySetException(fault);
            ended.TrySetException(fault);
            // Nobody need look at it, so that it would count as unobserved.
            _ = (whole.Task.Exception, ended.Task.Exception);
        }
    }

    private sealed class Copy(KeptMessage message) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            await message.whole.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(message.kept.WrittenMemory, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            await message.ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
