using System.Text;
using Google.Protobuf;
using Grpc.Core;

namespace Lepton.Sidecar.Grpc;

/// <summary>A gRPC answer written by hand, where no service takes the call.</summary>
internal static class GrpcAnswer
{
    internal static bool IsCall(HttpContext context) => context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    /// <summary>Ends the call with a status and nothing else.</summary>
    internal static Task Error(HttpContext context, StatusCode code, string message)
    {
        context.Response.StatusCode = 200;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)code).ToString();
        context.Response.Headers["grpc-message"] = Escape(message);
        return Task.CompletedTask;
    }

    /// <summary>The same with details.</summary>
    internal static Task Error(HttpContext context, Google.Rpc.Status status)
    {
        context.Response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
        return Error(context, (StatusCode)status.Code, status.Message);
    }

    /// <summary>A message as its header carries it: only percent signs and what is no printable ASCII are escaped, and clients undo no more than that.</summary>
    internal static string Escape(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%') text.Append((char)b);
            else text.Append('%').Append(b.ToString("X2"));
        }
        return text.ToString();
    }
}
