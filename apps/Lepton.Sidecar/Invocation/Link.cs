using System.Net.Sockets;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Invocation;

/// <summary>
/// The way from one app to one HTTPEndpoint. It counts every byte that really crosses it, and it can be cut: connections break and new ones are refused,
/// as a dead line would do it, while the apps know nothing of the switch.
/// </summary>
internal sealed class Link : IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<LinkStream> open = [];
    private readonly HttpMessageInvoker client;
    private long requests, sent, received;
    private bool cut;

    internal Link(string app, HttpEndpoint endpoint)
    {
        (App, Endpoint) = (app, endpoint);
        var handler = AppHandler.Create();
        handler.ConnectCallback = ConnectAsync;
        client = new HttpMessageInvoker(handler);
    }

    internal string App { get; }

    internal HttpEndpoint Endpoint { get; }

    internal long Requests => Interlocked.Read(ref requests);

    internal long Sent => Interlocked.Read(ref sent);

    internal long Received => Interlocked.Read(ref received);

    internal bool Cut
    {
        get
        {
            lock (gate) return cut;
        }
        set
        {
            LinkStream[] broken;
            lock (gate)
            {
                cut = value;
                broken = value ? [.. open] : [];
            }
            foreach (var stream in broken) stream.Dispose();
        }
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        Interlocked.Increment(ref requests);
        return client.SendAsync(request, stop);
    }

    internal void CountSent(int bytes) => Interlocked.Add(ref sent, bytes);

    internal void CountReceived(int bytes) => Interlocked.Add(ref received, bytes);

    internal void Closed(LinkStream stream)
    {
        lock (gate) open.Remove(stream);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        if (Cut) throw new SocketException((int)SocketError.ConnectionRefused);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, stop).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var stream = new LinkStream(socket, this);
        lock (gate)
        {
            if (!cut)
            {
                open.Add(stream);
                return stream;
            }
        }
        await stream.DisposeAsync().ConfigureAwait(false);
        throw new SocketException((int)SocketError.ConnectionRefused);
    }

    public void Dispose() => client.Dispose();
}
