using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Tracing;
using StateItem = Lepton.Sidecar.State.StateItem;
using GrpcStatus = Grpc.Core.Status;
using ProtoItem = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindState(GrpcMethods<DaprService> methods)
    {
        methods.Unary<GetStateRequest, GetStateResponse>("GetState", static (service, request, _) => service.GetStateAsync(request));
        methods.Unary<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState", static (service, request, _) => service.GetBulkStateAsync(request));
        methods.Unary<SaveStateRequest, Empty>("SaveState", static (service, request, _) => service.SaveStateAsync(request));
        methods.Unary<DeleteStateRequest, Empty>("DeleteState", static (service, request, _) => service.DeleteStateAsync(request));
        methods.Unary<DeleteBulkStateRequest, Empty>("DeleteBulkState", static (service, request, _) => service.DeleteBulkStateAsync(request));
        methods.Unary<ExecuteStateTransactionRequest, Empty>("ExecuteStateTransaction", static (service, request, call) => service.TransactAsync(request, call));
        methods.Unary<QueryStateRequest, QueryStateResponse>("QueryStateAlpha1", static (service, request, _) => service.QueryState(request));
    }

    private StateComponent Store(string name)
    {
        var missing = state.Find(name, out var component);
        return missing is null ? component : throw missing.ToRpc();
    }

    private async Task<GetStateResponse> GetStateAsync(GetStateRequest request)
    {
        var component = Store(request.StoreName);
        var key = component.Key(request.Key) ?? throw StateErrors.IllegalKey(component.Name, request.Key, false).ToRpc();
        var response = new GetStateResponse();
        StateItem? found;
        try
        {
            found = await StateApi.ReadAsync(component, store => store.Get(key)).ConfigureAwait(false);
        }
        catch (StorageException fault)
        {
            throw StateErrors.Get(component.Name, request.Key, fault.Message).ToRpc();
        }
        if (found is { } item)
        {
            response.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
            response.Etag = item.ETag;
            if (item.Expires is { } expires) response.Metadata["ttlExpireTime"] = StateApi.Expiry(expires);
        }
        return response;
    }

    private async Task<GetBulkStateResponse> GetBulkStateAsync(GetBulkStateRequest request)
    {
        var component = Store(request.StoreName);
        if (StateApi.Keys(component, request.Keys, out var stored) is { } illegal) throw illegal.ToRpc();
        var response = new GetBulkStateResponse();
        StateItem?[] items;
        try
        {
            items = stored.Length == 0 ? [] : await StateApi.ReadAsync(component, store => store.Get(stored)).ConfigureAwait(false);
        }
        catch (StorageException fault)
        {
            throw StateErrors.BulkGet(fault.Message).ToRpc();
        }
        foreach (var (key, found) in StateApi.Answers(component, request.Keys, items))
        {
            var answer = new BulkStateItem { Key = key };
            if (found is { } item)
            {
                answer.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
                answer.Etag = item.ETag;
                if (item.Expires is { } expires) answer.Metadata["ttlExpireTime"] = StateApi.Expiry(expires);
            }
            response.Items.Add(answer);
        }
        return response;
    }

    private async Task<Empty> SaveStateAsync(SaveStateRequest request)
    {
        var component = Store(request.StoreName);
        var writes = request.States.Select(static item => Write(item, false) with { Value = Value(item) }).ToList();
        return await StateApi.SaveAsync(component, writes, (cause, conflict) => StateErrors.Save(component.Name, cause, conflict)).ConfigureAwait(false) is { } error
            ? throw error.ToRpc()
            : new Empty();
    }

    private async Task<Empty> DeleteStateAsync(DeleteStateRequest request)
    {
        var component = Store(request.StoreName);
        var write = new StateWrite(request.Key, default)
        {
            IsDelete = true,
            ETag = request.Etag?.Value,
            Concurrency = Concurrency(request.Options),
            Metadata = request.Metadata,
        };
        return await StateApi.DeleteAsync(component, write).ConfigureAwait(false) is { } error
            ? throw error.ToRpc()
            : new Empty();
    }

    private async Task<Empty> DeleteBulkStateAsync(DeleteBulkStateRequest request)
    {
        var component = Store(request.StoreName);
        var writes = request.States.Select(static item => Write(item, true)).ToList();
        return await StateApi.SaveAsync(component, writes, (cause, conflict) => StateErrors.DeleteBulk(component.Name, cause, conflict)).ConfigureAwait(false) is { } error
            ? throw error.ToRpc()
            : new Empty();
    }

    private async Task<Empty> TransactAsync(ExecuteStateTransactionRequest request, ServerCallContext call)
    {
        var component = Store(request.StoreName);
        var writes = new List<StateWrite>(request.Operations.Count);
        foreach (var operation in request.Operations)
        {
            operation.Request ??= new ProtoItem();
            if (component.Key(operation.Request.Key) is null) throw StateErrors.IllegalKey(component.Name, operation.Request.Key, inTransaction: true).ToRpc();
            if (operation.OperationType is not ("upsert" or "delete")) throw StateErrors.Operation(operation.OperationType).ToRpc();
            writes.Add(Write(operation.Request, operation.OperationType == "delete"));
        }
        return await StateApi.TransactAsync(component, writes, new(Trace.Of(call.RequestHeaders), "")).ConfigureAwait(false) is { } error ? throw error.ToRpc() : new Empty();
    }

    private Task<QueryStateResponse> QueryState(QueryStateRequest request)
    {
        var component = Store(request.StoreName);
        throw StateErrors.NoQuery(component.Name).ToRpc();
    }

    private static StateWrite Write(ProtoItem item, bool delete) => new(item.Key, delete ? default : item.Value.Memory)
    {
        IsDelete = delete,
        ETag = item.Etag?.Value,
        Concurrency = Concurrency(item.Options),
        Metadata = item.Metadata,
    };

    private static ReadOnlyMemory<byte> Value(ProtoItem item)
    {
        if (!item.Metadata.TryGetValue("contentType", out var type) || type != "application/json") return item.Value.Memory;
        try
        {
            using var document = JsonDocument.Parse(item.Value.Memory);
            return GoJson.Rewrite(document.RootElement);
        }
        catch (NotFiniteNumberException fault)
        {
            throw new RpcException(new GrpcStatus(StatusCode.Unknown, $"json: cannot unmarshal number {fault.Message} into Go value of type float64"));
        }
        catch (JsonException fault)
        {
            throw new RpcException(new GrpcStatus(StatusCode.Unknown, GoSyntax.OfValue(item.Value.Span) ?? fault.Message));
        }
    }

    private static string? Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => "first-write",
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => "last-write",
        _ => null,
    };
}
