using System.Buffers;
using System.Text.Json;

namespace Lepton.Sidecar.Http;

/// <summary>Answers in Dapr's shapes.</summary>
internal static class Answer
{
    // Quotes and letters of any language stay readable, as daprd writes them.
    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Task Empty(HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    /// <summary>JSON text as it stands.</summary>
    internal static Task Json(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    /// <summary>The simple error shape.</summary>
    internal static Task Error(HttpContext context, int status, string code, string message) => Write(context, status, json =>
    {
        json.WriteString("errorCode"u8, code);
        json.WriteString("message"u8, message);
    });

    /// <summary>A JSON object written member by member, and the line end that daprd puts after it on some routes.</summary>
    internal static Task Line(HttpContext context, int status, Action<Utf8JsonWriter> members) => Write(context, status, members, "\n"u8);

    /// <summary>A JSON object written member by member.</summary>
    internal static Task Write(HttpContext context, int status, Action<Utf8JsonWriter> members, ReadOnlySpan<byte> end = default)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        buffer.Write(end);
        return Json(context, status, buffer.WrittenMemory);
    }
}
