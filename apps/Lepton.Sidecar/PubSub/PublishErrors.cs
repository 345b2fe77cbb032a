using Grpc.Core;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.PubSub;

/// <summary>The publish API's errors, in daprd's words.</summary>
internal static class PublishErrors
{
    private static Dictionary<string, string> Nothing => [];

    internal static ApiError NotFound(string pubsub, IReadOnlyDictionary<string, string>? metadata) => new(404, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubsub} is not found", StatusCode.InvalidArgument)
    {
        Reason = "DAPR_PUBSUB_NOT_FOUND",
        Metadata = metadata ?? new Dictionary<string, string>(),
    };

    internal static ApiError NameEmpty { get; } = Rich(404, "ERR_PUBSUB_EMPTY", "pubsub name is empty", StatusCode.InvalidArgument, "", "DAPR_PUBSUB_NAME_EMPTY", Nothing);

    internal static ApiError TopicEmpty(string pubsub) => Rich(404, "ERR_TOPIC_EMPTY", $"topic is empty in pubsub {pubsub}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_TOPIC_NAME_EMPTY", Nothing);

    internal static ApiError Forbidden(string pubsub, string topic, string appId)
    {
        var text = $"topic {topic} is not allowed for app id {appId}";
        return Rich(403, "ERR_PUBSUB_FORBIDDEN", text, StatusCode.PermissionDenied, pubsub, "DAPR_PUBSUB_FORBIDDEN", new Dictionary<string, string> { ["topic"] = topic, ["error"] = text });
    }

    internal static ApiError RawPayload(string pubsub, IReadOnlyDictionary<string, string> metadata)
    {
        var text = $"failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '{metadata["rawPayload"]}'";
        return Rich(400, "ERR_PUBSUB_REQUEST_METADATA", text, StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_METADATA_DESERIALIZATION", metadata);
    }

    internal static ApiError CloudEvent(string pubsub, string appId, string cause) =>
        Rich(500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_CLOUD_EVENT_CREATION", new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause });

    internal static ApiError Publish(string pubsub, string topic, string cause) =>
        Rich(500, "ERR_PUBSUB_PUBLISH_MESSAGE", $"error when publishing to topic {topic} in pubsub {pubsub}: {cause}", StatusCode.Internal, pubsub, "DAPR_PUBSUB_PUBLISH_MESSAGE", new Dictionary<string, string> { ["error"] = cause, ["topic"] = topic });

    internal static ApiError Events(string pubsub, string appId, string text, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", text, StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_MARSHAL_EVENTS", new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause });

    internal static ApiError EntryIds(string pubsub, string topic, string appId) =>
        Events(pubsub, appId, $"error marshaling events to bytes for topic {topic} pubsub {pubsub}. error: entryId is duplicated or not present for entry", "entryId is duplicated or not present for entry");

    internal static ApiError BulkEnvelope(string pubsub, string topic, string appId, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", $"error when marshalling cloud event envelope for topic {topic} pubsub {pubsub}: {cause}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_MARSHAL_ENVELOPE", new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause });

    internal static ApiError BulkBody(string pubsub, string topic, string appId, string cause) =>
        Rich(400, "ERR_PUBSUB_EVENTS_SER", $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {cause}", StatusCode.InvalidArgument, pubsub, "DAPR_PUBSUB_UNMARSHAL_EVENTS", new Dictionary<string, string> { ["appID"] = appId });

    private static ApiError Rich(int status, string code, string message, StatusCode grpc, string pubsub, string reason, IReadOnlyDictionary<string, string> metadata) => new(status, code, message, grpc)
    {
        Reason = reason,
        Metadata = metadata,
        Resource = ("pubsub", pubsub, message),
    };
}
