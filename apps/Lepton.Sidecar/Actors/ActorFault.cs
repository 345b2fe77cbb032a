using Grpc.Core;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Actors;

/// <summary>An actor call that cannot be done, as the API says it.</summary>
internal sealed class ActorFault(ApiError error) : Exception(error.Message)
{
    internal ApiError Error => error;

    /// <summary>The app could not be reached at all, so the call was not made.</summary>
    internal bool AppAway { get; init; }

    /// <summary>The app failed in a way that a retry policy may repeat; <see cref="Status"/> is its HTTP status, 0 without one.</summary>
    internal bool MayRepeat { get; init; }

    internal int Status { get; init; }

    internal static ActorFault Invoke(string cause) => new(new ApiError(500, "ERR_ACTOR_INVOKE_METHOD", "error invoke actor method: " + cause, StatusCode.Internal));

    internal static ActorFault NoHost(string type, string id)
    {
        var cause = $"failed to lookup actor: api error: code = FailedPrecondition desc = did not find address for actor '{type}/{id}'";
        return new(new ApiError(500, "ERR_ACTOR_INVOKE_METHOD", "error invoke actor method: " + cause, StatusCode.FailedPrecondition) { GrpcMessage = cause });
    }

    internal static ActorFault StackDepth() => new(new ApiError(500, "ERR_ACTOR_STACK_DEPTH", "maximum stack depth exceeded", StatusCode.ResourceExhausted));

    internal static ActorFault Inactive() => new(new ApiError(400, "ERR_ACTOR_INSTANCE_MISSING", "actor instance is missing", StatusCode.Internal));

    internal static ActorFault NoStore() => new(new ApiError(500, "ERR_ACTOR_RUNTIME_NOT_FOUND", "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?", StatusCode.Internal));

    internal static ActorFault StateSave(string cause) => new(new ApiError(500, "ERR_ACTOR_STATE_TRANSACTION_SAVE", "error saving actor transaction state: " + cause, StatusCode.Internal));

    internal static ActorFault Malformed(string cause) => new(new ApiError(400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: " + cause, StatusCode.InvalidArgument));

    internal static ActorFault NotHosted() => new(new ApiError(403, "ERR_ACTOR_REMINDER_NON_HOSTED", "operations on actor reminders are only possible on hosted actor types", StatusCode.PermissionDenied));

    internal static ActorFault ReminderExists(string name) => new(new ApiError(409, "ERR_ACTOR_REMINDER_ALREADY_EXISTS", "actor reminder already exists: " + name, StatusCode.AlreadyExists));

    internal static ActorFault ReminderNotFound(string name) => new(new ApiError(404, "ERR_ACTOR_REMINDER_NOT_FOUND", "actor reminder not found: " + name, StatusCode.NotFound));

    internal static ActorFault ReminderCreate(string cause) => new(new ApiError(500, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: " + cause, StatusCode.Internal));

    internal static ActorFault TimerCreate(string cause) => new(new ApiError(500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: " + cause, StatusCode.Internal));

    internal static ActorFault BadName(string cause) => new(new ApiError(400, "ERR_BAD_REQUEST", "invalid request: " + cause, StatusCode.InvalidArgument));

    /// <summary>A name or method that no call may have.</summary>
    internal static ActorFault BadCall(string cause, string grpcPrefix = "") =>
        new(new ApiError(400, "ERR_BAD_REQUEST", "invalid request: " + cause, StatusCode.InvalidArgument) { GrpcMessage = grpcPrefix + cause });

    /// <summary>An operation nobody knows, over gRPC.</summary>
    internal static ActorFault UnknownOperation(string operation) => new(new ApiError(500, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported", StatusCode.Unimplemented));

    internal static ActorFault Reserved(string type) =>
        new(new ApiError(403, "ERR_ACTOR_TYPE_RESERVED", $"actor type \"{type}\" is reserved for the Dapr workflow runtime; direct actor API access is not permitted", StatusCode.PermissionDenied));
}
