using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Lepton.Sidecar.Http;

/// <summary>
/// An error of the API in both its forms: the JSON body of an HTTP answer and the status of a gRPC call. With a <see cref="Reason"/> it is "rich":
/// it carries details, the same over both.
/// </summary>
internal sealed record ApiError(int Status, string Code, string Message, StatusCode Grpc)
{
    internal string? Reason { get; init; }

    /// <summary>Members of the ErrorInfo; null is written as null.</summary>
    internal IReadOnlyDictionary<string, string>? Metadata { get; init; } = new Dictionary<string, string>();

    internal (string Type, string Name, string Description)? Resource { get; init; }

    internal (string? Field, string Description)? Violation { get; init; }

    /// <summary>The text over gRPC where it differs.</summary>
    internal string? GrpcMessage { get; init; }

    /// <summary>The reason that gRPC callers are told where the error is not rich over HTTP.</summary>
    internal string? GrpcReason { get => field ?? (AlsoReasons.Contains(Code) ? Code : null); init; }

    private static readonly HashSet<string> AlsoReasons =
    [
        "ERR_INVOKE_OUTPUT_BINDING", "ERR_STATE_GET", "ERR_STATE_SAVE", "ERR_STATE_DELETE", "ERR_STATE_BULK_DELETE", "ERR_STATE_TRANSACTION",
        "ERR_NOT_SUPPORTED_STATE_OPERATION", "ERR_CONFIGURATION_STORE_NOT_CONFIGURED", "ERR_CONFIGURATION_STORE_NOT_FOUND",
    ];

    internal Task WriteAsync(HttpContext context) => Answer.Write(context, Status, json =>
    {
        json.WriteString("errorCode"u8, Code);
        json.WriteString("message"u8, Message);
        if (Reason is not null) WriteDetails(json);
    });

    internal RpcException ToRpc()
    {
        var message = GrpcMessage ?? Message;
        if ((Reason ?? GrpcReason) is not { } reason) return new RpcException(new global::Grpc.Core.Status(Grpc, message));
        var status = new Google.Rpc.Status { Code = (int)Grpc, Message = message };
        var info = new ErrorInfo { Domain = "dapr.io", Reason = reason };
        foreach (var (key, value) in Metadata ?? new Dictionary<string, string>()) info.Metadata[key] = value;
        status.Details.Add(Any.Pack(info));
        if (Resource is { } resource) status.Details.Add(Any.Pack(new ResourceInfo { ResourceType = resource.Type, ResourceName = resource.Name, Description = resource.Description }));
        var trailers = new global::Grpc.Core.Metadata { { "grpc-status-details-bin", status.ToByteArray() } };
        return new RpcException(new global::Grpc.Core.Status(Grpc, message), trailers);
    }

    private void WriteDetails(Utf8JsonWriter json)
    {
        json.WriteStartArray("details"u8);
        if (Violation is { } violation)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.BadRequest"u8);
            json.WriteStartArray("field_violations"u8);
            json.WriteStartObject();
            if (violation.Field is not null) json.WriteString("field"u8, violation.Field);
            json.WriteString("description"u8, violation.Description);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (Resource is { } resource)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ResourceInfo"u8);
            json.WriteString("resource_type"u8, resource.Type);
            json.WriteString("resource_name"u8, resource.Name);
            json.WriteString("owner"u8, ""u8);
            json.WriteString("description"u8, resource.Description);
            json.WriteEndObject();
        }
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
        json.WriteString("domain"u8, "dapr.io"u8);
        if (Metadata is null)
        {
            json.WriteNull("metadata"u8);
        }
        else
        {
            json.WriteStartObject("metadata"u8);
            foreach (var (key, value) in Metadata) json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteString("reason"u8, Reason);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
