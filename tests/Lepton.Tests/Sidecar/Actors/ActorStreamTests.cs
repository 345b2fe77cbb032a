using System.Collections.Concurrent;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using DaprClient = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace Lepton.Tests.Sidecar.Actors;

/// <summary>Actors of an app that serves them on a stream it opened, without a port of its own.</summary>
public sealed class ActorStreamTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private readonly ConcurrentQueue<string> heard = new();
    private volatile bool answering;

    private async Task ServeAsync(AsyncDuplexStreamingCall<SubscribeActorEventsRequestAlpha1, SubscribeActorEventsResponseAlpha1> call)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(limit))
            {
                answering = true;
                await call.RequestStream.WriteAsync(AnswerOf(call.ResponseStream.Current), limit);
                answering = false;
            }
        }
        catch (RpcException)
        {
            // The test ended the stream.
        }
    }

    private SubscribeActorEventsRequestAlpha1 AnswerOf(SubscribeActorEventsResponseAlpha1 asked)
    {
        switch (asked.ResponseTypeCase)
        {
            case SubscribeActorEventsResponseAlpha1.ResponseTypeOneofCase.InvokeRequest when asked.InvokeRequest.Method == "missing":
                return new() { RequestFailed = new() { Id = asked.InvokeRequest.Id, Code = (uint)StatusCode.NotFound, Message = "no such method" } };
            case SubscribeActorEventsResponseAlpha1.ResponseTypeOneofCase.InvokeRequest when asked.InvokeRequest.Method == "fails":
                return new() { RequestFailed = new() { Id = asked.InvokeRequest.Id, Code = (uint)StatusCode.Internal, Message = "no luck" } };
            case SubscribeActorEventsResponseAlpha1.ResponseTypeOneofCase.InvokeRequest:
                var invoke = asked.InvokeRequest;
                return new() { InvokeResponse = new() { Id = invoke.Id, Data = ByteString.CopyFromUtf8($"{invoke.ActorId} {invoke.Method} {invoke.Data.ToStringUtf8()}"), Error = invoke.Method == "refuses" } };
            case SubscribeActorEventsResponseAlpha1.ResponseTypeOneofCase.ReminderRequest:
                heard.Enqueue($"reminder {asked.ReminderRequest.Name} {asked.ReminderRequest.Data.Unpack<BytesValue>().Value.ToStringUtf8()}");
                return new() { ReminderResponse = new() { Id = asked.ReminderRequest.Id, Cancel = true } };
            case SubscribeActorEventsResponseAlpha1.ResponseTypeOneofCase.TimerRequest:
                heard.Enqueue($"timer {asked.TimerRequest.Name} {asked.TimerRequest.Callback}");
                return new() { TimerResponse = new() { Id = asked.TimerRequest.Id } };
            default:
                heard.Enqueue($"deactivated {asked.DeactivateRequest.ActorId}");
                return new() { DeactivateResponse = new() { Id = asked.DeactivateRequest.Id } };
        }
    }

    private static async Task<(int Status, string Body)> SendAsync(TestRun run, string path, string json)
    {
        using var answer = await run.PostAsync("a", "/v1.0/actors/" + path, json);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Calls_reminders_timers_and_deactivation_travel_on_the_stream()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.ActorStore, withApp: false);
        await run.StartAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        using var call = new DaprClient(channel).SubscribeActorEventsAlpha1(cancellationToken: limit);
        await call.RequestStream.WriteAsync(new() { InitialRequest = new() { Entities = { "S" }, ActorIdleTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) } }, limit);
        Assert.True(await call.ResponseStream.MoveNext(limit));
        Assert.NotNull(call.ResponseStream.Current.InitialResponse);
        var serving = ServeAsync(call);

        Assert.Equal((200, "1 hello {}"), await SendAsync(run, "S/1/method/hello", "{}"));
        Assert.Equal(500, (await SendAsync(run, "S/1/method/fails", "{}")).Status);
        Assert.Contains("actor method not found", (await SendAsync(run, "S/1/method/missing", "{}")).Body, StringComparison.Ordinal);
        using (var refused = await run.PostAsync("a", "/v1.0/actors/S/1/method/refuses", "{}")) Assert.True(refused.IsSuccessStatusCode && refused.Headers.Contains("X-DaprErrorResponseHeader"));
        Assert.Equal(204, (await SendAsync(run, "S/1/reminders/wake", """{"dueTime":"0s","period":"20ms","data":{"n":1}}""")).Status);
        Assert.Equal(204, (await SendAsync(run, "S/1/timers/tick", """{"dueTime":"0s","callback":"OnTick"}""")).Status);
        await Eventually.HoldsAsync(() => heard.Contains("""reminder wake {"n":1}""") && heard.Contains("timer tick OnTick"), "reminder and timer");
        await Eventually.HoldsAsync(() => heard.Contains("deactivated 1"), "the idle actor is deactivated");
        Assert.Single(heard, word => word.StartsWith("reminder", StringComparison.Ordinal));

        await Eventually.HoldsAsync(() => !answering, "the last answer to leave");
        await call.RequestStream.CompleteAsync();
        await serving;
        Assert.Equal(500, (await SendAsync(run, "S/1/method/hello", "{}")).Status);
    }
}
