using System.Net;

namespace Lepton.Sidecar.Hosting;

/// <summary>
/// The content of a request that has none. It carries the Content-* headers a caller sent all the same, which .NET keeps apart from the others, and it keeps the client
/// from sending the request a second time by itself when a kept connection breaks: the app may have done its work.
/// </summary>
internal sealed class NoBody : HttpContent
{
    /// <summary>Takes the length of 0 away that the client wrote in; called as the first header goes out, before those of the content do.</summary>
    internal static void DropLength(HttpRequestMessage request)
    {
        if (request.Content is NoBody body) body.Headers.ContentLength = null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }
}
