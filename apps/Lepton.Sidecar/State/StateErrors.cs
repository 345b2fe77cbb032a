using Grpc.Core;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>The state API's errors, in daprd's words.</summary>
internal static class StateErrors
{
    internal static ApiError NotFound(string store, string appId, bool query = false) => new(400, "ERR_STATE_STORE_NOT_FOUND", $"state store {store} is not found", StatusCode.InvalidArgument)
    {
        Reason = "DAPR_STATE_NOT_FOUND",
        Metadata = query ? null : new Dictionary<string, string> { ["appID"] = appId },
    };

    internal static ApiError NotConfigured(string store, string appId, bool query = false) => new(500, "ERR_STATE_STORE_NOT_CONFIGURED", $"state store {store} is not configured", StatusCode.FailedPrecondition)
    {
        Reason = "DAPR_STATE_NOT_CONFIGURED",
        Metadata = query ? null : new Dictionary<string, string> { ["appID"] = appId },
    };

    internal static ApiError IllegalKey(string store, string key, bool inTransaction)
    {
        var text = $"input key/keyPrefix '{key}' can't contain '||'";
        var message = $"api error: code = InvalidArgument desc = {text}";
        return new(400, "ERR_MALFORMED_REQUEST", message, StatusCode.InvalidArgument)
        {
            GrpcMessage = text,
            Reason = "DAPR_STATE_ILLEGAL_KEY",
            Metadata = null,
            Violation = (inTransaction ? null : key, message),
            Resource = ("state", store, ""),
        };
    }

    internal static ApiError NoQuery(string store) => new(500, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying", StatusCode.Internal)
    {
        Reason = "DAPR_STATE_QUERYING_NOT_SUPPORTED",
        Metadata = null,
        Resource = ("state", store, ""),
    };

    internal static ApiError Malformed(string cause) => new(400, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {cause}", StatusCode.InvalidArgument);

    /// <summary>A save's body that cannot be read: the cause alone, other routes say before it what they were about.</summary>
    internal static ApiError MalformedSave(string cause) => new(400, "ERR_MALFORMED_REQUEST", cause, StatusCode.InvalidArgument);

    internal static ApiError EmptyKey { get; } = new(400, "ERR_MALFORMED_REQUEST", "\"key\" is a required field", StatusCode.InvalidArgument) { GrpcMessage = "state key cannot be empty", GrpcReason = "ERR_STATE_SAVE" };

    internal static ApiError Get(string store, string key, string cause) => new(500, "ERR_STATE_GET", $"fail to get {key} from state store {store}: {cause}", StatusCode.Internal);

    internal static ApiError BulkGet(string cause) => new(500, "ERR_STATE_BULK_GET", cause, StatusCode.Unknown);

    internal static ApiError Save(string store, string cause, bool conflict) =>
        new(conflict ? 409 : 500, "ERR_STATE_SAVE", $"failed saving state in state store {store}: {cause}", conflict ? StatusCode.Aborted : StatusCode.Internal);

    internal static ApiError Delete(string key, string cause, bool conflict) =>
        new(conflict ? 409 : 500, "ERR_STATE_DELETE", $"failed deleting state with key {key}: {cause}", conflict ? StatusCode.Aborted : StatusCode.Internal);

    internal static ApiError DeleteBulk(string store, string cause, bool conflict) =>
        new(500, "ERR_STATE_BULK_DELETE", $"failed deleting state in state store {store}: {cause}", conflict ? StatusCode.Aborted : StatusCode.Internal);

    internal static ApiError Operation(string operation) =>
        new(400, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported", StatusCode.Unimplemented);

    internal static ApiError Outbox(string appId, string cause) => new(500, "ERR_PUBLISH_OUTBOX", $"error while publishing outbox message: {cause}", StatusCode.Internal)
    {
        Reason = "DAPR_PUBSUB_OUTBOX",
        Metadata = new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause },
    };

    internal static ApiError Transaction(string cause) =>
        new(500, "ERR_STATE_TRANSACTION", $"error while executing state transaction: {cause}", StatusCode.Internal);
}
