using System.Buffers;
using System.Buffers.Binary;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace Lepton.Sidecar.Grpc;

/// <summary>Refuses a call of the API whose message is above the sidecar's limit, before it is read, in words that clients of daprd know.</summary>
internal static class MessageLimit
{
    private const int Header = 5;

    internal static void UseMessageLimit(this WebApplication app, long limit) => app.Use((context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { Method: { Type: MethodType.Unary, ServiceName: DaprService.Name } }
            ? CheckAsync(context, next, limit)
            : next(context));

    private static async Task CheckAsync(HttpContext context, RequestDelegate next, long limit)
    {
        var length = await LengthAsync(context).ConfigureAwait(false);
        if (length <= limit) await next(context).ConfigureAwait(false);
        else await GrpcAnswer.Error(context, StatusCode.ResourceExhausted, $"grpc: received message larger than max ({length} vs. {limit})").ConfigureAwait(false);
    }

    /// <summary>The length that stands before the first message; 0 when none comes.</summary>
    private static async ValueTask<uint> LengthAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            var enough = read.Buffer.Length >= Header;
            var length = enough ? LengthOf(read.Buffer) : 0;
            body.AdvanceTo(read.Buffer.Start, enough || read.IsCompleted ? read.Buffer.Start : read.Buffer.End);
            if (enough || read.IsCompleted) return length;
        }
    }

    private static uint LengthOf(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[Header];
        buffer.Slice(0, Header).CopyTo(header);
        return BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
    }
}
