using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Actors;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Grpc;

/// <summary>The actor API over gRPC.</summary>
internal sealed partial class DaprService
{
    private ActorApi? actors;

    private ActorApi Actors => actors ??= new ActorApi(sidecar);

    internal static void BindActors(GrpcMethods<DaprService> methods)
    {
        methods.Duplex<SubscribeActorEventsRequestAlpha1, SubscribeActorEventsResponseAlpha1>("SubscribeActorEventsAlpha1", static (service, requests, stream, call) => service.ServeActors(requests, stream, call));
        methods.Unary<InvokeActorRequest, InvokeActorResponse>("InvokeActor", static (service, request, call) => service.Answer(call, () => service.InvokeActor(request, call)));
        methods.Unary<GetActorStateRequest, GetActorStateResponse>("GetActorState", static (service, request, call) => service.Answer(call, () => service.GetActorState(request)));
        methods.Unary<ExecuteActorStateTransactionRequest, Empty>("ExecuteActorStateTransaction", static (service, request, call) => service.Answer(call, () => service.ExecuteActorState(request)));
        methods.Unary<RegisterActorReminderRequest, Empty>("RegisterActorReminder", static (service, request, call) => service.Answer(call, () => service.RegisterReminder(request)));
        methods.Unary<UnregisterActorReminderRequest, Empty>("UnregisterActorReminder",
            static (service, request, call) => service.Answer(call, () => Done(service.Actors.RemoveReminderAsync(request.ActorType, request.ActorId, request.Name))));
        methods.Unary<UnregisterActorRemindersByTypeRequest, UnregisterActorRemindersByTypeResponse>("UnregisterActorRemindersByType", static (service, request, call) => service.Answer(call, async () =>
        {
            await service.Actors.RemoveRemindersAsync(request.ActorType, request.HasActorId ? request.ActorId : null).ConfigureAwait(false);
            return new UnregisterActorRemindersByTypeResponse();
        }));
        methods.Unary<GetActorReminderRequest, GetActorReminderResponse>("GetActorReminder", static (service, request, call) => service.Answer(call, () => service.GetReminder(request)));
        methods.Unary<ListActorRemindersRequest, ListActorRemindersResponse>("ListActorReminders", static (service, request, call) => service.Answer(call, () => service.ListReminders(request)));
        methods.Unary<RegisterActorTimerRequest, Empty>("RegisterActorTimer", static (service, request, call) => service.Answer(call, () => service.RegisterTimer(request)));
        methods.Unary<UnregisterActorTimerRequest, Empty>("UnregisterActorTimer", static (service, request, call) => service.Answer(call, () =>
        {
            service.Actors.RemoveTimer(request.ActorType, request.ActorId, request.Name);
            return Task.FromResult(new Empty());
        }));
    }

    private async Task ServeActors(IAsyncStreamReader<SubscribeActorEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeActorEventsResponseAlpha1> stream, ServerCallContext call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, sidecar.Stopping);
        try
        {
            if (sidecar.App is { Exists: true, IsGrpc: false }) throw new RpcException(new Status(StatusCode.FailedPrecondition, "actor callback streaming requires a gRPC app channel"));
            if (sidecar.ActorStore is null) throw ActorFault.NoStore().Error.ToRpc();
            if (!await requests.MoveNext(end.Token).ConfigureAwait(false) || requests.Current.InitialRequest is not { } first) throw new RpcException(new Status(StatusCode.InvalidArgument, "first message must be SubscribeActorEventsRequestInitialAlpha1"));
            using var actorStream = new ActorStream(requests, stream);
            await actorStream.SendAsync(new SubscribeActorEventsResponseAlpha1 { InitialResponse = new() }, end.Token).ConfigureAwait(false);
            await sidecar.Actors.ServeAsync(actorStream, first, end.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, sidecar.Stopping.IsCancellationRequested ? "the sidecar is stopping" : "the app left its actor stream"));
        }
    }

    private async Task<T> Answer<T>(ServerCallContext call, Func<Task<T>> work)
    {
        try
        {
            await sidecar.Actors.RegisteredAsync(call.CancellationToken).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        catch (ActorFault fault)
        {
            throw fault.Error.ToRpc();
        }
        catch (StorageException fault)
        {
            throw new RpcException(new Status(StatusCode.Internal, fault.Message));
        }
    }

    private static async Task<Empty> Done(Task work)
    {
        await work.ConfigureAwait(false);
        return new Empty();
    }

    private async Task<InvokeActorResponse> InvokeActor(InvokeActorRequest request, ServerCallContext call)
    {
        var headers = request.Metadata.Select(entry => new KeyValuePair<string, string>(entry.Key, entry.Value)).ToList();
        headers.Add(new("dapr-api-call", "true"));
        headers.Add(new("dapr-caller-app-id", sidecar.AppId));
        headers.Add(new("dapr-caller-namespace", VirtualSidecar.Namespace));
        ActorNames.CheckCalled(request.ActorType, request.ActorId);
        if (InvocationPath.Clean("/" + Uri.EscapeDataString(request.Method), out var path) is { } refusal) throw ActorFault.BadCall(refusal, "invalid actor method: ");
        var reply = await Actors.InvokeAsync(request.ActorType, request.ActorId, new ActorCall("method" + path, "", headers, request.Data.Memory), call.CancellationToken).ConfigureAwait(false);
        return new InvokeActorResponse { Data = UnsafeByteOperations.UnsafeWrap(reply.Body) };
    }

    private Task<GetActorStateResponse> GetActorState(GetActorStateRequest request)
    {
        var response = new GetActorStateResponse();
        if (Actors.GetState(request.ActorType, request.ActorId, request.Key) is { } item)
        {
            response.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
            if (item.Expires is { } expires) response.Metadata["ttlExpireTime"] = ActorRoutes.ExpireTime(expires);
        }
        return Task.FromResult(response);
    }

    private Task<Empty> ExecuteActorState(ExecuteActorStateTransactionRequest request)
    {
        ActorApi.CheckReserved(request.ActorType);
        if (request.Operations.FirstOrDefault(static operation => operation.OperationType is not ("upsert" or "delete")) is { } unknown) throw ActorFault.UnknownOperation(unknown.OperationType);
        Actors.CheckActive(request.ActorType, request.ActorId);
        var operations = request.Operations.Select(operation => new ActorStateOperation(ActorStateOperation.CheckKey(operation.Key), operation.Value?.Value.Memory ?? default, operation.OperationType == "delete", null,
            operation.OperationType == "delete" ? null : ActorStateOperation.ReadTtl(operation.Metadata.GetValueOrDefault("ttlInSeconds"), Actors.TakesTtl))).ToList();
        return Done(Actors.TransactAsync(request.ActorType, request.ActorId, operations));
    }

    // Bytes travel to HTTP callbacks as a base64 text.
    private static byte[]? JsonOf(ByteString data) => data.IsEmpty ? null : JsonSerializer.SerializeToUtf8Bytes(data.ToBase64(), ActorJson.Default.String);

    private Task<Empty> RegisterReminder(RegisterActorReminderRequest request) => Done(Actors.SetReminderAsync(request.ActorType, request.ActorId, Named(request), new ActorRequest
    {
        DueTime = request.DueTime,
        Period = request.Period,
        Ttl = request.Ttl,
        Data = JsonOf(request.Data),
        Overwrite = !request.HasOverwrite || request.Overwrite,
        OnFailure = request.FailurePolicy switch
        {
            { Drop: not null } => (0, TimeSpan.Zero),
            { Constant: { } constant } => (constant.HasMaxRetries ? (int)Math.Min(constant.MaxRetries, int.MaxValue) : int.MaxValue, constant.Interval?.Clamped() ?? TimeSpan.Zero),
            _ => ActorRequest.DefaultOnFailure,
        },
    }));

    private static string Named(RegisterActorReminderRequest request)
    {
        ActorApi.CheckReserved(request.ActorType);
        return request.Name.Length > 0 ? request.Name : throw ActorFault.BadName("reminder name cannot be empty");
    }

    private Task<Empty> RegisterTimer(RegisterActorTimerRequest request)
    {
        Actors.SetTimer(request.ActorType, request.ActorId, request.Name, new ActorRequest
        {
            DueTime = request.DueTime,
            Period = request.Period,
            Ttl = request.Ttl,
            Callback = request.Callback,
            Data = JsonOf(request.Data),
        });
        return Task.FromResult(new Empty());
    }

    private Task<GetActorReminderResponse> GetReminder(GetActorReminderRequest request)
    {
        var reminder = Actors.GetReminder(request.ActorType, request.ActorId, request.Name);
        var response = new GetActorReminderResponse { ActorType = reminder.Key.Type, ActorId = reminder.Key.Actor, Data = DataOf(reminder) };
        if (reminder.DueText.Length > 0) response.DueTime = reminder.DueText;
        if (reminder.PeriodText.Length > 0) response.Period = reminder.PeriodText;
        if (reminder.TtlText.Length > 0) response.Ttl = reminder.TtlText;
        return Task.FromResult(response);
    }

    private Task<ListActorRemindersResponse> ListReminders(ListActorRemindersRequest request)
    {
        var response = new ListActorRemindersResponse();
        foreach (var reminder in Actors.ListReminders(request.ActorType, request.HasActorId ? request.ActorId : null))
        {
            var entry = new ActorReminder { ActorType = reminder.Key.Type, ActorId = reminder.Key.Actor, Data = DataOf(reminder) };
            if (reminder.DueText.Length > 0) entry.DueTime = reminder.DueText;
            if (reminder.PeriodText.Length > 0) entry.Period = reminder.PeriodText;
            response.Reminders.Add(new NamedActorReminder { Name = reminder.Key.Name, Reminder = entry });
        }
        return Task.FromResult(response);
    }

    private static Any? DataOf(Reminder reminder) => reminder.Data is { } data ? Any.Pack(new BytesValue { Value = ByteString.CopyFrom(data) }) : null;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ActorJson : System.Text.Json.Serialization.JsonSerializerContext;
