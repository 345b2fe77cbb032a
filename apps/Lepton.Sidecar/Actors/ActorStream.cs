using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reply = Dapr.Client.Autogen.Grpc.v1.SubscribeActorEventsRequestAlpha1;
using Wish = Dapr.Client.Autogen.Grpc.v1.SubscribeActorEventsResponseAlpha1;

namespace Lepton.Sidecar.Actors;

/// <summary>An app that serves its actors on a stream it opened: calls go out on it, answers come back by id, in any order.</summary>
internal sealed class ActorStream(IAsyncStreamReader<Reply> replies, IServerStreamWriter<Wish> stream) : ActorLink, IDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Reply>> waiting = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim writing = new(1);
    private volatile bool ended;

    /// <summary>Takes answers until the app ends the stream; then whoever waits learns that the app is gone.</summary>
    internal async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            while (await replies.MoveNext(stop).ConfigureAwait(false))
            {
                if (waiting.TryRemove(IdOf(replies.Current), out var waiter)) waiter.TrySetResult(replies.Current);
            }
        }
        finally
        {
            ended = true;
            foreach (var id in waiting.Keys) if (waiting.TryRemove(id, out var waiter)) waiter.TrySetException(Gone());
        }
    }

    public void Dispose() => writing.Dispose();

    private static ActorFault Gone() => new(ActorFault.Invoke("the app ended its actor stream").Error) { AppAway = true, MayRepeat = true };

    private static string IdOf(Reply reply) => reply.RequestTypeCase switch
    {
        Reply.RequestTypeOneofCase.InvokeResponse => reply.InvokeResponse.Id,
        Reply.RequestTypeOneofCase.ReminderResponse => reply.ReminderResponse.Id,
        Reply.RequestTypeOneofCase.TimerResponse => reply.TimerResponse.Id,
        Reply.RequestTypeOneofCase.DeactivateResponse => reply.DeactivateResponse.Id,
        Reply.RequestTypeOneofCase.RequestFailed => reply.RequestFailed.Id,
        _ => "",
    };

    internal override async Task<ActorReply> CallAsync(string type, string id, ActorCall call, string? chain, CancellationToken cancellationToken)
    {
        var request = Guid.NewGuid().ToString();
        var reply = await AskAsync(request, Request(request, type, id, call, chain), cancellationToken).ConfigureAwait(false);
        switch (reply.RequestTypeCase)
        {
            case Reply.RequestTypeOneofCase.InvokeResponse when !call.Fires:
                var headers = reply.InvokeResponse.Metadata.Select(entry => new KeyValuePair<string, string[]>(entry.Key, [entry.Value])).ToList();
                if (reply.InvokeResponse.Error && !headers.Exists(header => header.Key.Equals(ErrorHeader, StringComparison.OrdinalIgnoreCase))) headers.Add(new(ErrorHeader, ["true"]));
                return new ActorReply(headers, reply.InvokeResponse.Data.ToByteArray());
            case Reply.RequestTypeOneofCase.RequestFailed when reply.RequestFailed.Code == (uint)StatusCode.NotFound && !call.Fires:
                throw ActorFault.Invoke($"actor method not found: {MethodOf(call)}");
            case Reply.RequestTypeOneofCase.RequestFailed:
                throw new ActorFault(ActorFault.Invoke("error from actor service: " + reply.RequestFailed.Message).Error) { MayRepeat = true };
            default:
                if (!call.Fires) throw new ActorFault(ActorFault.Invoke("actor host returned an unexpected response type for invoke").Error) { MayRepeat = true };
                var cancels = (reply.ReminderResponse ?? reply.TimerResponse)?.Cancel == true;
                return new ActorReply(cancels ? [new("X-DaprReminderCancel", ["true"])] : [], []);
        }
    }

    private const string ErrorHeader = "X-DaprErrorResponseHeader";

    internal override async Task DeactivateAsync(string type, string id, CancellationToken cancellationToken)
    {
        var request = Guid.NewGuid().ToString();
        try
        {
            await AskAsync(request, new Wish { DeactivateRequest = new() { Id = request, ActorType = type, ActorId = id } }, cancellationToken).ConfigureAwait(false);
        }
        catch (ActorFault)
        {
            // The app is gone.
        }
    }

    private async Task<Reply> AskAsync(string id, Wish wish, CancellationToken cancellationToken)
    {
        var waiter = waiting[id] = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (ended) throw Gone();
            await SendAsync(wish, cancellationToken).ConfigureAwait(false);
            return await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    internal async Task SendAsync(Wish wish, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(wish, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException or OperationCanceledException)
        {
            throw Gone();
        }
        finally
        {
            writing.Release();
        }
    }

    private static string MethodOf(ActorCall call) => Uri.UnescapeDataString(call.Path["method/".Length..]);

    private static Wish Request(string request, string type, string id, ActorCall call, string? chain)
    {
        var parts = call.Path.Split('/', 3);
        if (!call.Fires)
        {
            var invoke = new SubscribeActorEventsResponseInvokeRequestAlpha1 { Id = request, ActorType = type, ActorId = id, Method = MethodOf(call), Data = ByteString.CopyFrom(call.Body.Span) };
            foreach (var (name, value) in call.Headers) invoke.Metadata[name] = value;
            if (chain is not null) invoke.Metadata[ActorCall.ReentrancyHeader] = chain;
            return new Wish { InvokeRequest = invoke };
        }
        using var firing = JsonDocument.Parse(call.Body);
        var (due, period, name2) = (Text("dueTime"), Text("period"), Uri.UnescapeDataString(parts[2]));
        var data = firing.RootElement.TryGetProperty("data", out var given) ? Any.Pack(new BytesValue { Value = ByteString.CopyFromUtf8(given.GetRawText()) }) : null;
        return parts[1] == "remind"
            ? new Wish { ReminderRequest = new() { Id = request, ActorType = type, ActorId = id, Name = name2, DueTime = due, Period = period, Data = data } }
            : new Wish { TimerRequest = new() { Id = request, ActorType = type, ActorId = id, Name = name2, DueTime = due, Period = period, Callback = Text("callback"), Data = data } };

        string Text(string member) => firing.RootElement.TryGetProperty(member, out var text) ? text.GetString() ?? "" : "";
    }
}
