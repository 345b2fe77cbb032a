using Grpc.Core;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.PubSub;

/// <summary>The publish API's errors, in daprd's words.</summary>
internal static class PublishErrors
{
    internal static ApiError NotFound(string pubsub) => new(404, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubsub} is not found", StatusCode.InvalidArgument)
    {
        Reason = "DAPR_PUBSUB_NOT_FOUND",
    };

    internal static ApiError NameEmpty { get; } = new(404, "ERR_PUBSUB_EMPTY", "pubsub name is empty", StatusCode.InvalidArgument)
    {
        Reason = "DAPR_PUBSUB_NAME_EMPTY",
    };

    internal static ApiError TopicEmpty(string pubsub) => Rich(404, "ERR_TOPIC_EMPTY", $"topic is empty in pubsub {pubsub}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_TOPIC_NAME_EMPTY", []);

    internal static ApiError Forbidden(string pubsub, string topic, string appId)
    {
        var text = $"topic {topic} is not allowed for app id {appId}";
        return Rich(403, "ERR_PUBSUB_FORBIDDEN", text, StatusCode.PermissionDenied, pubsub, "DAPR_PUBSUB_FORBIDDEN", new() { ["topic"] = topic, ["error"] = text });
    }

    internal static ApiError RawPayload(string pubsub, string value)
    {
        var text = $"failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '{value}'";
        return Rich(400, "ERR_PUBSUB_REQUEST_METADATA", text, StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_METADATA_DESERIALIZATION", new() { ["rawPayload"] = value });
    }

    internal static ApiError CloudEvent(string pubsub, string appId, string cause) =>
        Rich(500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_CLOUD_EVENT_CREATION", new() { ["appID"] = appId, ["error"] = cause });

    internal static ApiError Publish(string pubsub, string topic, string cause) =>
        Rich(500, "ERR_PUBSUB_PUBLISH_MESSAGE", $"error when publishing to topic {topic} in pubsub {pubsub}: {cause}", StatusCode.Internal, pubsub, "DAPR_PUBSUB_PUBLISH_MESSAGE", new() { ["error"] = cause, ["topic"] = topic });

    internal static ApiError Events(string pubsub, string appId, string text, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", text, StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_MARSHAL_EVENTS", new() { ["appID"] = appId, ["error"] = cause });

    internal static ApiError EntryIds(string pubsub, string topic, string appId) =>
        Events(pubsub, appId, $"error marshaling events to bytes for topic {topic} pubsub {pubsub}. error: entryId is duplicated or not present for entry", "entryId is duplicated or not present for entry");

    internal static ApiError BulkEnvelope(string pubsub, string topic, string appId, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", $"error when marshalling cloud event envelope for topic {topic} pubsub {pubsub}: error: {cause}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_MARSHAL_ENVELOPE", new() { ["appID"] = appId, ["error"] = $"error: {cause}" });

    internal static ApiError BulkBody(string pubsub, string topic, string appId, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {cause}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_UNMARSHAL_EVENTS", new() { ["appID"] = appId, ["error"] = cause });

    private static ApiError Rich(int status, string code, string message, StatusCode grpc, string pubsub, string reason, Dictionary<string, string> metadata) => new(status, code, message, grpc)
    {
        Reason = reason,
        Metadata = metadata,
        Resource = ("pubsub", pubsub, message),
    };
}
