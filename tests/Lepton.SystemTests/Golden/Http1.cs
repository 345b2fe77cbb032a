using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Lepton.SystemTests.Golden;

/// <summary>An HTTP client that sends exactly what a case says, verbs, paths and headers that no library would let pass included.</summary>
internal static class Http1
{
    private static readonly Encoding Latin = Encoding.Latin1;

    internal static async Task<JsonObject> SendAsync(int port, string verb, string target, IEnumerable<KeyValuePair<string, string>> headers, byte[]? body, TimeSpan limit, Action? sent = null)
    {
        using var stop = new CancellationTokenSource(limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, stop.Token);
        await using var stream = new NetworkStream(socket);
        var head = new StringBuilder($"{verb} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        var own = false;
        foreach (var (name, value) in headers)
        {
            own |= name.Equals("connection", StringComparison.OrdinalIgnoreCase);
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        if (!own) head.Append("Connection: close\r\n");
        if (body is { Length: > 0 }) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        else if (verb is not ("GET" or "HEAD" or "DELETE" or "OPTIONS" or "TRACE" or "CONNECT")) head.Append("Content-Length: 0\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), stop.Token);
        try
        {
            if (body is { Length: > 0 }) await stream.WriteAsync(body, stop.Token);
        }
        catch (IOException)
        {
            // The other end answered before it had read everything.
        }
        sent?.Invoke();
        using var answer = new Answer(stream, stop.Token);
        return await answer.ReadAsync(verb);
    }

    private sealed class Answer(NetworkStream stream, CancellationToken stop) : IDisposable
    {
        private readonly byte[] buffer = new byte[64 << 10];
        private readonly MemoryStream body = new();
        private readonly List<long> arrivals = [];
        private int from, to;

        internal async Task<JsonObject> ReadAsync(string verb)
        {
            var status = await LineAsync();
            var headers = new JsonObject();
            while (await LineAsync() is { Length: > 0 } line)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var (name, value) = (line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim());
                headers[name] = headers.Text(name) is { } before ? before + (name == "set-cookie" ? "," : ", ") + value : value;
            }
            var code = int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
            if (verb != "HEAD" && code is not (204 or 304)) await BodyAsync(headers);
            var answer = new JsonObject { ["status"] = code, ["headers"] = headers, ["chunks"] = arrivals.Count, ["spreadMs"] = arrivals.Count == 0 ? 0.0 : arrivals[^1] - arrivals[0] };
            answer.PutBody(body.ToArray(), headers.Text("content-type"));
            return answer;
        }

        private async Task BodyAsync(JsonObject headers)
        {
            if (headers.Text("transfer-encoding") == "chunked")
            {
                while (int.Parse((await LineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
                {
                    await TakeAsync(size);
                    await LineAsync();
                }
                await LineAsync();
            }
            else if (headers.Text("content-length") is { } length)
            {
                if (length != "0") await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture));
            }
            else
            {
                while (await FillAsync()) await TakeAsync(to - from);
            }
        }

        private async Task TakeAsync(int count)
        {
            while (count > 0)
            {
                if (from == to && !await FillAsync()) throw new IOException("the answer ended in mid-body");
                var part = Math.Min(count, to - from);
                body.Write(buffer, from, part);
                from += part;
                count -= part;
            }
            arrivals.Add(Environment.TickCount64);
        }

        private async Task<string> LineAsync()
        {
            var line = new StringBuilder();
            while (true)
            {
                if (from == to && !await FillAsync()) throw new IOException(line.Length == 0 ? "socket hang up" : "the answer ended in mid-line");
                var c = Latin.GetString(buffer, from++, 1)[0];
                if (c == '\n') return line.ToString().TrimEnd('\r');
                line.Append(c);
            }
        }

        public void Dispose() => body.Dispose();

        private async Task<bool> FillAsync()
        {
            from = 0;
            to = await stream.ReadAsync(buffer, stop);
            return to > 0;
        }
    }
}
