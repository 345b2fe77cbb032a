using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using DaprClient = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace Lepton.Tests.Sidecar.Actors;

/// <summary>The actor API where no recording is: odd bodies and names, and the texts and codes of what is refused.</summary>
public sealed class ActorApiTests : IAsyncLifetime
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private readonly TestRun run = new();
    private ProbeApp app = null!;

    public async ValueTask InitializeAsync()
    {
        app = run.Add("a", TestRun.ActorStore);
        app.Config = """{"entities":["T"]}""";
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await Eventually.HoldsAsync(() => run.Runtime.Placement.Find("T", "1") is not null, "the type to be hosted");
        await SendAsync("POST", "T/1/method/wake", "");
    }

    public ValueTask DisposeAsync() => run.DisposeAsync();

    private async Task<(int Status, string Code, string Message)> SendAsync(string verb, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), run.Url("a", "/v1.0/actors/" + path)) { Content = new StringContent(body) };
        using var answer = await run.Http.SendAsync(request, limit);
        var text = await answer.Content.ReadAsStringAsync(limit);
        if (!text.Contains("errorCode", StringComparison.Ordinal)) return ((int)answer.StatusCode, "", text);
        using var error = JsonDocument.Parse(text);
        return ((int)answer.StatusCode, error.RootElement.GetProperty("errorCode").GetString()!, error.RootElement.GetProperty("message").GetString()!);
    }

    private Task<(int Status, string Code, string Message)> SaveAsync(string operations) => SendAsync("POST", "T/1/state", operations);

    [Fact]
    public async Task State_is_kept_as_go_writes_json()
    {
        Assert.Equal((204, "", ""), await SaveAsync("""[{"OPERATION":"upsert","request":{"KEY":"k","value":{"b":1.0,"a":"<"}}}] and more"""));
        Assert.Equal("""{"a":"\u003c","b":1}""", (await SendAsync("GET", "T/1/state/k", "")).Message);
        Assert.Equal((204, "", ""), await SaveAsync("""[{"operation":"delete","operation":null,"request":{"key":"x","key":"k"}}]"""));
        Assert.Equal((204, "", ""), await SendAsync("GET", "T/1/state/k", ""));
        Assert.Equal((204, "", ""), await SaveAsync("null"));
        await SaveAsync("""[{"operation":"upsert","request":{"key":"n"}}]""");
        Assert.Equal("null", (await SendAsync("GET", "T/1/state/n", "")).Message);
    }

    [Theory]
    [InlineData("[null]", "request data is empty")]
    [InlineData("""[{"request":{"key":"k"}}]""", "operation is empty")]
    [InlineData("""[{"operation":"upsert","request":"text"}]""", "'' expected a map, got 'string'")]
    [InlineData("""[{"operation":"upsert","request":{"key":5}}]""", "1 error(s) decoding:\n\n* 'Key' expected type 'string', got unconvertible type 'float64', value: '5'")]
    [InlineData("""[{"operation":"upsert","request":{"key":"k","metadata":{"ttlInSeconds":5}}}]""", "1 error(s) decoding:\n\n* 'Metadata[ttlInSeconds]' expected type 'string', got unconvertible type 'float64', value: '5'")]
    public async Task What_a_transaction_may_not_hold_is_said_as_daprd_does(string operations, string cause) =>
        Assert.Equal((500, "ERR_ACTOR_STATE_TRANSACTION_SAVE", "error saving actor transaction state: " + cause), await SaveAsync(operations));

    [Fact]
    public async Task Names_are_checked_where_daprd_checks_them()
    {
        Assert.Equal((400, "ERR_BAD_REQUEST", "invalid request: invalid actorId: name contains forbidden character: \"a/b\""), await SendAsync("POST", "T/a%2Fb/method/m", ""));
        Assert.Equal((400, "ERR_BAD_REQUEST", "invalid request: invalid actorType: name contains control character at position 1: \"T\\n\""), await SendAsync("POST", "T%0A/1/method/m", ""));
        Assert.Equal((400, "ERR_BAD_REQUEST", "invalid request: method contains forbidden character: \"a?b\""), await SendAsync("POST", "T/1/method/a%3Fb", ""));
        Assert.Equal(400, (await SendAsync("POST", "T/1/reminders/a%2Fb", """{"dueTime":"1h"}""")).Status);
        Assert.Equal("failed deserializing HTTP body: EOF", (await SendAsync("POST", "T/1/reminders/a%2Fb", "")).Message);
        Assert.Equal((204, "", ""), await SendAsync("POST", "T/a%3Fb/reminders/r", """{"dueTime":"1h"}"""));
        Assert.Equal((204, "", ""), await SendAsync("DELETE", "T/a%3Fb/reminders/a%2Fb", ""));
        Assert.Equal((403, "ERR_ACTOR_TYPE_RESERVED", "actor type \"dapr.internal.x\" is reserved for the Dapr workflow runtime; direct actor API access is not permitted"), await SendAsync("POST", "dapr.internal.x/1/timers/t", "no json"));
        await SendAsync("POST", "T/a:b@c/method/x%2F..%2Fy%20z", "");
        Assert.Single(app.All("/actors/T/a:b@c/method/y z"));
    }

    [Fact]
    public async Task A_reminder_is_read_as_go_reads_it()
    {
        Assert.Equal(204, (await SendAsync("POST", "T/1/reminders/r", """{"DUETIME":"1h","dueTime":"2h","dueTime":null,"period":"R0/PT1S","data":null} trailing""")).Status);
        Assert.Equal("""{"actorID":"1","actorType":"T","data":null,"dueTime":"2h","period":"@every 1s"}""", (await SendAsync("GET", "T/1/reminders/r", "")).Message);
        await SendAsync("POST", "T/1/reminders/ends", """{"dueTime":"1h","period":"1h","ttl":"2099-01-01T00:00:00Z"}""");
        Assert.Equal("""{"actorID":"1","actorType":"T","dueTime":"1h","period":"@every 1h0m0s","ttl":"2099-01-01T00:00:00Z"}""", (await SendAsync("GET", "T/1/reminders/ends", "")).Message);
        Assert.Equal((400, "ERR_MALFORMED_REQUEST"), ((await SendAsync("POST", "T/1/reminders/r", """{"dueTime":5}""")).Status, (await SendAsync("POST", "T/1/reminders/r", """{"dueTime":"1h","overwrite":"no"}""")).Code));
        Assert.EndsWith("due time format not recognized", (await SendAsync("POST", "T/1/reminders/r", """{"dueTime":"PT1.5S"}""")).Message, StringComparison.Ordinal);
        var expired = await SendAsync("POST", "T/1/timers/t", """{"dueTime":"1h","ttl":"-1s"}""");
        Assert.Matches(@"^error creating actor timer: timer T\|\|1\|\|t has already expired: dueTime: \d{4}-\d\d-\d\d .* TTL: -1s$", expired.Message);
    }

    [Fact]
    public async Task Calls_wait_until_the_app_was_asked_for_its_types()
    {
        await using var late = new TestRun();
        var slow = late.Add("a", TestRun.ActorStore);
        slow.Config = """{"entities":["T"]}""";
        await late.StartAsync();
        var call = late.PostAsync("a", "/v1.0/actors/T/1/method/m", "1");
        Assert.False(call.IsCompleted);
        await slow.StartAsync();
        using var answer = await call;
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Refusals_over_grpc_have_daprds_codes()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        var client = new DaprClient(channel);
        async Task<(StatusCode, string)> Refused(Func<Task> call)
        {
            var fault = await Assert.ThrowsAsync<RpcException>(call);
            return (fault.StatusCode, fault.Status.Detail);
        }

        Assert.Equal((StatusCode.InvalidArgument, "invalid actorId: name is a path traversal sequence: \"..\""), await Refused(() => client.InvokeActorAsync(new() { ActorType = "T", ActorId = "..", Method = "m" }, cancellationToken: limit).ResponseAsync));
        Assert.Equal((StatusCode.InvalidArgument, "invalid actor method: method contains forbidden character: \"a#b\""), await Refused(() => client.InvokeActorAsync(new() { ActorType = "T", ActorId = "1", Method = "a#b" }, cancellationToken: limit).ResponseAsync));
        Assert.Equal((StatusCode.InvalidArgument, "invalid request: reminder name cannot be empty"), await Refused(() => client.RegisterActorReminderAsync(new() { ActorType = "T", ActorId = "1", DueTime = "1h" }, cancellationToken: limit).ResponseAsync));
        Assert.Equal((StatusCode.Unimplemented, "operation type get not supported"), await Refused(() => Transact("nobody", "get")));
        Assert.Equal((StatusCode.Internal, "actor instance is missing"), await Refused(() => Transact("nobody", "upsert")));
        Assert.Equal((StatusCode.Internal, "error saving actor transaction state: missing key"), await Refused(() => Transact("1", "upsert")));

        Task Transact(string id, string operation) => client.ExecuteActorStateTransactionAsync(new()
        {
            ActorType = "T",
            ActorId = id,
            Operations = { new TransactionalActorStateOperation { OperationType = operation, Value = new Any { Value = ByteString.CopyFromUtf8("1") } } },
        }, cancellationToken: limit).ResponseAsync;
    }
}
