using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.WebUtilities;

namespace Lepton.Sidecar.Grpc;

internal static class GrpcCodes
{
    /// <summary>What a caller over gRPC is told when an app that speaks HTTP answers an error.</summary>
    internal static StatusCode OfHttp(int status) => status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        408 => StatusCode.Cancelled,
        409 => StatusCode.AlreadyExists,
        429 => StatusCode.ResourceExhausted,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        504 => StatusCode.DeadlineExceeded,
        _ => StatusCode.Unknown,
    };

    /// <summary>The whole status of an HTTP error: its reason phrase, and in the details its code and the beginning of its text.</summary>
    internal static Google.Rpc.Status DetailsOfHttp(int status, string text)
    {
        const int LongestText = 63;
        var reason = Reason(status);
        var info = new ErrorInfo { Domain = "dapr.io", Reason = reason, Metadata = { ["http.code"] = status.ToString(), ["http.error_message"] = text.Length < LongestText ? text : text[..LongestText] } };
        return new() { Code = (int)OfHttp(status), Message = reason, Details = { Any.Pack(info) } };
    }

    /// <summary>The phrase Go has for a status; a few differ from those of the web server here.</summary>
    private static string Reason(int status) => status switch
    {
        413 => "Request Entity Too Large",
        414 => "Request URI Too Long",
        416 => "Requested Range Not Satisfiable",
        419 => "",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };
}
