using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;

namespace Lepton.Benchmarks.Runtime;

/// <summary>
/// As much of gRPC over HTTP/2 as a load client needs, so that what is measured is the server: a full client takes more processor than the server it
/// calls. All that is answered in one read leaves in one write. Anything unexpected ends the connection with an exception.
/// </summary>
internal sealed class LeanConnection : IAsyncDisposable
{
    private const int FrameHeader = 9;
    private const int LongestFrame = 16_384;
    private const int WindowStep = 1 << 20;
    /// <summary>The runtime takes 1,000 streams at once; further calls wait here.</summary>
    private const int MostCalls = 900;
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ConcurrentDictionary<int, Call> calls = new();
    private readonly Queue<(string Path, IMessage Request, Call Call)> waiting = [];
    private readonly Lock gate = new();
    private readonly byte[] authority;
    private ArrayBufferWriter<byte> filling = new(1 << 16);
    private ArrayBufferWriter<byte> leaving = new(1 << 16);
    private bool sending;
    private bool reading;
    private int lastStream = -1;
    private int consumed;
    private int open;
    private Task loop = Task.CompletedTask;

    private LeanConnection(int port) => authority = Encoding.ASCII.GetBytes($"127.0.0.1:{port}");

    public static async Task<LeanConnection> OpenAsync(int port)
    {
        var connection = new LeanConnection(port);
        await connection.socket.ConnectAsync("127.0.0.1", port);
        connection.Greet();
        connection.loop = connection.ReadAsync();
        return connection;
    }

    /// <summary>One request, one answer.</summary>
    public Task<TAnswer> CallAsync<TAnswer>(string path, IMessage request)
        where TAnswer : IMessage<TAnswer>, new()
    {
        // Continuations run in the reading loop, so that what they send leaves with the rest.
        var done = new TaskCompletionSource<TAnswer>();
        TAnswer? answer = default;
        Send(path, request, new Call(
            bytes => answer = new MessageParser<TAnswer>(() => new TAnswer()).ParseFrom(bytes),
            fault =>
            {
                if (fault is null && answer is not null)
                {
                    done.SetResult(answer);
                }
                else
                {
                    done.SetException(fault ?? new InvalidOperationException($"{path} answered without a message"));
                }
            }));
        return done.Task;
    }

    /// <summary>One request, answers until the connection is closed.</summary>
    public void Subscribe<TAnswer>(string path, IMessage request, Action<TAnswer> take)
        where TAnswer : IMessage<TAnswer>, new()
    {
        var parser = new MessageParser<TAnswer>(() => new TAnswer());
        Send(path, request, new Call(bytes => take(parser.ParseFrom(bytes)), _ => { }));
    }

    private void Greet()
    {
        lock (gate)
        {
            filling.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
            // No dynamic table for headers (1 = 0), no push (2 = 0), the largest window for each stream (4); the same for the connection.
            Frame(4, 0, 0, [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff]);
            Frame(8, 0, 0, [0x7f, 0xff, 0, 0]);
        }

        Flush();
    }

    private void Send(string path, IMessage request, Call call)
    {
        var size = request.CalculateSize();
        lock (gate)
        {
            if (open == MostCalls)
            {
                waiting.Enqueue((path, request, call));
                return;
            }

            open++;
            var stream = lastStream += 2;
            calls[stream] = call;
            // Indexes of HPACK's static table: POST, http, then :path, :authority and content-type with values of their own, and te: trailers.
            var headers = (Span<byte>)stackalloc byte[256];
            var at = 0;
            Put(headers, ref at, [0x83, 0x86, 0x04]);
            PutText(headers, ref at, Encoding.ASCII.GetBytes(path));
            Put(headers, ref at, [0x01]);
            PutText(headers, ref at, authority);
            Put(headers, ref at, [0x0f, 0x10]);
            PutText(headers, ref at, "application/grpc"u8);
            Put(headers, ref at, [0x00]);
            PutText(headers, ref at, "te"u8);
            PutText(headers, ref at, "trailers"u8);
            Frame(1, 4, stream, headers[..at]);
            var message = new byte[5 + size];
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), size);
            request.WriteTo(message.AsSpan(5));
            for (var rest = message.AsSpan(); rest.Length > 0; rest = rest[Math.Min(LongestFrame, rest.Length)..])
            {
                Frame(0, (byte)(rest.Length <= LongestFrame ? 1 : 0), stream, rest[..Math.Min(LongestFrame, rest.Length)]);
            }

            if (reading)
            {
                return;
            }
        }

        Flush();
    }

    private void Flush()
    {
        lock (gate)
        {
            if (sending || filling.WrittenCount == 0)
            {
                return;
            }

            sending = true;
        }

        _ = FlushAsync();
    }

    private async Task FlushAsync()
    {
        while (true)
        {
            lock (gate)
            {
                if (filling.WrittenCount == 0)
                {
                    sending = false;
                    return;
                }

                (filling, leaving) = (leaving, filling);
            }

            for (var rest = leaving.WrittenMemory; rest.Length > 0;)
            {
                rest = rest[await socket.SendAsync(rest)..];
            }

            leaving.ResetWrittenCount();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 18];
        var filled = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(filled)) is > 0 and var count)
            {
                filled += count;
                var start = 0;
                lock (gate)
                {
                    reading = true;
                }

                while (filled - start >= FrameHeader && Length(buffer, start) is var length && filled - start >= FrameHeader + length)
                {
                    Take(buffer[start + 3], buffer[start + 4], BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 5)), buffer.AsSpan(start + FrameHeader, length));
                    start += FrameHeader + length;
                }

                lock (gate)
                {
                    reading = false;
                }

                Flush();
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }

            End(new IOException("the server closed the connection"));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidOperationException or InvalidProtocolBufferException)
        {
            End(fault);
        }
    }

    private void Take(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case 0:
                calls[stream].Take(payload);
                Widen(stream, payload.Length);
                break;
            case 1 when (flags & 1) != 0:
                // The server writes header names as they are when there is no table for them.
                calls.TryRemove(stream, out var call);
                SendNext();
                call!.End(payload.IndexOf("grpc-status\u00010"u8) >= 0 ? null : new InvalidOperationException($"a call failed: {Encoding.Latin1.GetString(payload)}"));
                break;
            case 4 when (flags & 1) == 0:
                Reply(4, 1, []);
                break;
            case 6 when (flags & 1) == 0:
                Reply(6, 1, payload);
                break;
            case 3 or 7:
                throw new InvalidOperationException($"the server ended {(type == 3 ? $"stream {stream}" : "the connection")} ({Convert.ToHexString(payload)})");
        }
    }

    private void SendNext()
    {
        lock (gate)
        {
            open--;
            if (waiting.TryDequeue(out var next))
            {
                Send(next.Path, next.Request, next.Call);
            }
        }
    }

    /// <summary>Gives the server room again for what was taken.</summary>
    private void Widen(int stream, int count)
    {
        if ((consumed += count) < WindowStep)
        {
            return;
        }

        Span<byte> step = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(step, consumed);
        consumed = 0;
        Reply(8, 0, step);
    }

    private void Reply(byte type, byte flags, ReadOnlySpan<byte> payload)
    {
        lock (gate)
        {
            Frame(type, flags, 0, payload);
        }
    }

    private void End(Exception fault)
    {
        foreach (var (stream, _) in calls)
        {
            if (calls.TryRemove(stream, out var call))
            {
                call.End(fault);
            }
        }

        while (waiting.TryDequeue(out var never))
        {
            never.Call.End(fault);
        }
    }

    private void Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = filling.GetSpan(FrameHeader + payload.Length);
        Head(frame, type, flags, stream, payload.Length);
        payload.CopyTo(frame[FrameHeader..]);
        filling.Advance(FrameHeader + payload.Length);
    }

    private static void Head(Span<byte> frame, byte type, byte flags, int stream, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }

    private static int Length(byte[] buffer, int start) => (buffer[start] << 16) | (buffer[start + 1] << 8) | buffer[start + 2];

    private static void Put(Span<byte> to, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to[at..]);
        at += bytes.Length;
    }

    private static void PutText(Span<byte> to, ref int at, ReadOnlySpan<byte> text)
    {
        to[at++] = (byte)text.Length;
        Put(to, ref at, text);
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await loop;
    }

    /// <summary>What becomes of an answer: its messages, put together from the frames they come in, and its end.</summary>
    private sealed class Call(Action<ReadOnlySpan<byte>> take, Action<Exception?> end)
    {
        private byte[] rest = [];

        public Action<Exception?> End { get; } = end;

        public void Take(ReadOnlySpan<byte> data)
        {
            var all = rest.Length == 0 ? data : (ReadOnlySpan<byte>)[.. rest, .. data];
            while (all.Length >= 5 && BinaryPrimitives.ReadInt32BigEndian(all[1..]) is var size && all.Length >= 5 + size)
            {
                take(all.Slice(5, size));
                all = all[(5 + size)..];
            }

            rest = all.ToArray();
        }
    }
}
