namespace Lepton.Sidecar.Tracing;

/// <summary>The trace an event carries: the caller's, or with sampling a span of its own.</summary>
internal readonly record struct CallerTrace(string Parent, string State)
{
    /// <summary>What goes on of a call's headers. A trace that is none is left out, and its state with it; over gRPC daprd loses the state.</summary>
    internal static CallerTrace Of(string parent, string state, double samplingRate)
    {
        var known = Trace.IsValid(parent);
        return new(Trace.Child(known ? parent : "", samplingRate), known ? state : "");
    }

    /// <summary>A span of one event among several of a call.</summary>
    internal CallerTrace Child(double samplingRate) => this with { Parent = Trace.Child(Parent, samplingRate) };
}
