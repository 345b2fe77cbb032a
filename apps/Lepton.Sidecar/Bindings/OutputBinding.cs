namespace Lepton.Sidecar.Bindings;

/// <summary>What an output binding gave. A fault says what went wrong; the metadata stand beside it all the same.</summary>
internal sealed record BindingReply(ReadOnlyMemory<byte>? Data, IReadOnlyDictionary<string, string>? Metadata = null, string? Fault = null)
{
    internal static BindingReply Failed(string fault) => new(null, null, fault);
}

/// <summary>Something outside that an app acts on.</summary>
internal abstract class OutputBinding
{
    /// <summary>The operations it knows, in the order errors list them.</summary>
    internal abstract IReadOnlyList<string> Operations { get; }

    internal abstract Task<BindingReply> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop);
}
