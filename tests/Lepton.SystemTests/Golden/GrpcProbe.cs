using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Lepton.SystemTests.Golden;

/// <summary>The gRPC side of the app: the echo service and whatever routes the case gives, without generated code, by the descriptors alone.</summary>
internal sealed class GrpcProbe(ProbeApp app)
{
    internal async Task ServeAsync(HttpContext context)
    {
        var name = context.Request.Path.Value!.TrimStart('/');
        context.Response.ContentType = "application/grpc";
        try
        {
            if (name.StartsWith("golden.Echo/", StringComparison.Ordinal)) await EchoAsync(context, name);
            else await RouteAsync(context, name);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // The caller gave up.
        }
    }

    private async Task RouteAsync(HttpContext context, string name)
    {
        if (app.Take($"grpc {name}") is not { } reply)
        {
            End(context, StatusCode.Unimplemented, $"The server does not implement the method /{name}");
            return;
        }
        var method = ProtoJson.Method(name);
        var message = await ReadAsync(context) ?? [];
        app.Note($"grpc {name}", Seen(context, method.InputType, message));
        if (reply.Number("delayMs", 0) is > 0 and var delay) await Task.Delay(delay, context.RequestAborted);
        if (reply.Text("code") is { } code && code != "OK")
        {
            End(context, GrpcCalls.CodeOf(code), reply.Text("message") ?? "");
            return;
        }
        await WriteAsync(context, ProtoJson.Encode(method.OutputType, reply["response"]));
        End(context, StatusCode.OK, "");
    }

    private async Task EchoAsync(HttpContext context, string name)
    {
        var method = ProtoJson.Method(name);
        if (method.IsClientStreaming)
        {
            await context.Response.StartAsync(context.RequestAborted);
            var texts = new List<string>();
            while (await ReadAsync(context) is { } next)
            {
                if (method.IsServerStreaming) await WriteAsync(context, next);
                else texts.Add(global::Golden.EchoMessage.Parser.ParseFrom(next).Text);
            }
            if (!method.IsServerStreaming) await WriteAsync(context, ProtoJson.Encode(method.OutputType, new JsonObject { ["text"] = string.Join(",", texts), ["count"] = texts.Count }));
        }
        else
        {
            var message = await ReadAsync(context) ?? [];
            app.Note($"grpc {name}", Seen(context, method.InputType, message));
            var times = method.IsServerStreaming ? global::Golden.EchoMessage.Parser.ParseFrom(message).Count is var count && count == 0 ? 1 : count : 1;
            for (var i = 0; i < times; i++) await WriteAsync(context, message);
        }
        context.Response.AppendTrailer("echo-trailer", "done");
        End(context, StatusCode.OK, "");
    }

    private static JsonObject Seen(HttpContext context, MessageDescriptor type, byte[] message) =>
        new() { ["headers"] = ProbeApp.Headers(context.Request.Headers), ["json"] = ProtoJson.Decode(type, message) };

    private static void End(HttpContext context, StatusCode code, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Response.AppendTrailer("grpc-status", ((int)code).ToString());
            if (message.Length > 0) context.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
            return;
        }
        context.Response.Headers["grpc-status"] = ((int)code).ToString();
        if (message.Length > 0) context.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        var head = new byte[5];
        if (await context.Request.Body.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, context.RequestAborted) < 5) return null;
        var message = new byte[BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1))];
        await context.Request.Body.ReadExactlyAsync(message, context.RequestAborted);
        return message;
    }

    private static async Task WriteAsync(HttpContext context, byte[] message)
    {
        var framed = new byte[message.Length + 5];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Length);
        message.CopyTo(framed, 5);
        await context.Response.Body.WriteAsync(framed, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
