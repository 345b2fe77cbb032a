using Grpc.Core;

namespace Lepton.Sidecar.Tracing;

/// <summary>W3C trace context: passed on as it comes, and with sampling switched on given spans of our own.</summary>
internal static class Trace
{
    internal const string Header = "traceparent";
    internal const string StateHeader = "tracestate";
    internal const string BinaryHeader = "grpc-trace-bin";

    /// <summary>What daprd sends an app where there is no trace.</summary>
    internal const string None = "00-00000000000000000000000000000000-0000000000000000-00";

    /// <summary>The caller's traceparent, or "".</summary>
    internal static string Of(IHeaderDictionary headers) => headers.TryGetValue(Header, out var value) ? value.ToString() : "";

    internal static string StateOf(IHeaderDictionary headers) => headers.TryGetValue(StateHeader, out var value) ? value.ToString() : "";

    /// <summary>The same of a gRPC call, which may carry it as text or in the binary form.</summary>
    internal static string Of(Metadata headers)
    {
        if (headers.GetValue(Header) is { Length: > 0 } text) return text;
        return headers.GetValueBytes(BinaryHeader) is { Length: 29 } bytes
            ? $"00-{Convert.ToHexStringLower(bytes.AsSpan(2, 16))}-{Convert.ToHexStringLower(bytes.AsSpan(19, 8))}-{Convert.ToHexStringLower(bytes.AsSpan(28, 1))}"
            : "";
    }

    /// <summary>The header of a request to an app for an event's trace: none where the event tells nothing of one, zeros where what it tells is none.</summary>
    internal static void Write(HttpRequestMessage request, string? traceParent)
    {
        if (traceParent is not null) request.Headers.TryAddWithoutValidation(Header, IsValid(traceParent) ? traceParent : None);
    }

    /// <summary>The same for an app that speaks gRPC, where zeros are left out.</summary>
    internal static void Write(Metadata metadata, string? traceParent)
    {
        if (traceParent is null || !IsValid(traceParent)) return;
        metadata.Add(Header, traceParent);
        metadata.Add(BinaryHeader, Binary(traceParent));
    }

    /// <summary>The binary form of a valid traceparent, as `grpc-trace-bin` carries it.</summary>
    internal static byte[] Binary(string traceParent)
    {
        var bytes = new byte[29];
        Convert.FromHexString(traceParent.AsSpan(3, 32)).CopyTo(bytes, 2);
        bytes[18] = 1;
        Convert.FromHexString(traceParent.AsSpan(36, 16)).CopyTo(bytes, 19);
        bytes[27] = 2;
        bytes[28] = Convert.FromHexString(traceParent.AsSpan(53, 2))[0];
        return bytes;
    }

    /// <summary>What goes on: the same when nothing is sampled, else a new span of the same trace, or a new trace.</summary>
    internal static string Child(string incoming, double samplingRate)
    {
        if (samplingRate <= 0) return incoming;
        var trace = IsValid(incoming) ? incoming.AsSpan(3, 32).ToString() : Hex(16);
        return $"00-{trace}-{Hex(8)}-01";
    }

    internal static bool IsValid(string traceParent)
    {
        if (traceParent.Length != 55 || traceParent[2] != '-' || traceParent[35] != '-' || traceParent[52] != '-') return false;
        foreach (var c in traceParent) if (c != '-' && !char.IsAsciiHexDigitLower(c)) return false;
        return traceParent.AsSpan(3, 32).ContainsAnyExcept('0') && traceParent.AsSpan(36, 16).ContainsAnyExcept('0');
    }

    private static string Hex(int bytes)
    {
        Span<byte> random = stackalloc byte[bytes];
        Random.Shared.NextBytes(random);
        return Convert.ToHexStringLower(random);
    }
}
