using System.Security.Cryptography;
using Grpc.Core;
using Lepton.Sidecar.Tracing;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>Trace contexts of workflows. Nothing is exported here; they are passed on as daprd does.</summary>
internal static class TraceContexts
{
    /// <summary>The context an instance carries: only one that is sampled, in the present form.</summary>
    /// <exception cref="WorkflowFault">It cannot be read.</exception>
    internal static TraceContext? Carried(TraceContext? given)
    {
        if (given is null) return null;
        var parts = given.TraceParent.Split('-');
        // Clients of long ago put the trace's id alone there.
        var (trace, span, flags) = parts.Length == 4 ? (parts[1], parts[2], parts[3]) : (given.TraceParent, LegacySpan(given), "01");
        Check(trace, 32, "trace-id");
        Check(span, 16, "span-id");
        if (flags.Length < 2 || !flags.All(char.IsAsciiHexDigit) || (Convert.FromHexString(flags[..2])[0] & 1) == 0) return null;
        var carried = new TraceContext { TraceParent = $"00-{trace}-{span}-{flags[..2]}" };
        if (!string.IsNullOrEmpty(given.TraceState)) carried.TraceState = given.TraceState;
        return carried;
    }

#pragma warning disable CS0612 // The field of its own is deprecated, and read where nothing else stands.
    private static string LegacySpan(TraceContext given) => given.SpanID;
#pragma warning restore CS0612

    private static void Check(string id, int length, string name)
    {
        var fault = id.Length != length ? $"hex encoded {name} must have length equals to {length}"
            : !id.All(char.IsAsciiHexDigitLower) ? "trace-id and span-id can only contain [0-9a-f] characters, all lowercase"
            : id.All(static c => c == '0') ? $"{name} can't be all zero"
            : null;
        if (fault is not null) throw new WorkflowFault(StatusCode.Unknown, fault);
    }

    /// <summary>The context of the call that starts an instance, where its client names no other; null when it is not traced.</summary>
    internal static TraceContext? Of(string parent, string state, double samplingRate)
    {
        parent = Trace.Child(parent, samplingRate);
        if (!Trace.IsValid(parent)) return null;
        var context = new TraceContext { TraceParent = parent };
        if (state.Length > 0) context.TraceState = state;
        return context;
    }

    internal static string? SpanOf(TraceContext? trace) => trace?.TraceParent.Split('-') is { Length: 4 } parts ? parts[2] : null;

    internal static TraceContext NewRoot() => new() { TraceParent = $"00-{RandomNumberGenerator.GetHexString(32, lowercase: true)}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}-01" };
}
