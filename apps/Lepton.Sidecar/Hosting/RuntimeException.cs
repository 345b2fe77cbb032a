namespace Lepton.Sidecar.Hosting;

/// <summary>The runtime cannot start or go on; the message says what happened, to which object, and what to do.</summary>
public sealed class RuntimeException(string message, Exception? inner = null) : Exception(message, inner);
