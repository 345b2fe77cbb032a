namespace Lepton.Sidecar.PubSub;

/// <summary>A message on its way to one consumer.</summary>
internal sealed class Delivery(long number, Message message, int attempts = 0, bool parked = false)
{
    /// <summary>The message's number in its topic.</summary>
    internal long Number { get; } = number;

    internal Message Message { get; } = message;

    /// <summary>Rounds of delivery that failed before this one.</summary>
    internal int Attempts { get; } = attempts;

    /// <summary>It comes from the parked ones and not from the log.</summary>
    internal bool Parked { get; } = parked;

    internal bool Done { get; set; }
}

/// <summary>How a delivery ended, policies included.</summary>
internal enum Outcome
{
    /// <summary>The app took it.</summary>
    Success,

    /// <summary>The app does not want it: to the dead letters, if there are any.</summary>
    Drop,

    /// <summary>The app failed: to the dead letters, if there are any, else the broker decides.</summary>
    Failed,

    /// <summary>Nothing listens on the app's port.</summary>
    Unreachable,
}
