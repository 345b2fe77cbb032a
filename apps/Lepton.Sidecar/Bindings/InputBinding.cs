namespace Lepton.Sidecar.Bindings;

/// <summary>Hands an event to the app; false when the app did not take it.</summary>
internal delegate Task<bool> Deliver(ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken stop);

/// <summary>Something outside that an app is told of.</summary>
internal abstract class InputBinding
{
    /// <summary>Delivers until it is stopped.</summary>
    internal abstract Task RunAsync(Deliver deliver, CancellationToken stop);
}
