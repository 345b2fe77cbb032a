namespace Lepton.Decisions.Dispatch;

/// <summary>What a dispatcher knows of one place where a stage can run.</summary>
/// <param name="Servers">How many events it works on at once; at least 1.</param>
/// <param name="ServiceSeconds">Smoothed seconds of service (weight 0.1); above 0.</param>
/// <param name="RoundTripSeconds">Round trip to it; 0 when it is here.</param>
/// <param name="BytesPerSecond">Bandwidth to it; positive infinity when it is here.</param>
/// <param name="QueueReported">Events there, in service included, by its last heartbeat.</param>
/// <param name="SentSince">Own events sent since that heartbeat.</param>
/// <param name="DoneSince">Own events that came back since.</param>
/// <param name="HeartbeatPeriods">Age of the heartbeat in periods.</param>
public readonly record struct NodeLoad(
    int Servers, double ServiceSeconds, double RoundTripSeconds, double BytesPerSecond, int QueueReported, int SentSince, int DoneSince, double HeartbeatPeriods)
{
    private const double Old = 3;
    private const double Dead = 10;
    private const double Probe = 0.01;

    /// <summary>Events believed to be there now.</summary>
    public int Queue => Math.Max(0, QueueReported + SentSince - DoneSince);

    /// <summary>Events per second that it and the link to it can take, of this size.</summary>
    public double Capacity(double payloadBytes) => Math.Min(Servers / ServiceSeconds, payloadBytes > 0 ? BytesPerSecond / payloadBytes : double.PositiveInfinity);

    /// <summary>How readily it is drawn: by capacity, halved when its heartbeat is older than 3 periods; beyond 10 it is only probed, with a hundredth.</summary>
    public double Weight(double payloadBytes) => Capacity(payloadBytes) * (HeartbeatPeriods > Dead ? Probe : HeartbeatPeriods > Old ? 0.5 : 1);

    /// <summary>Seconds until one more event of this size would be back.</summary>
    public double CompletionSeconds(double payloadBytes)
    {
        var transfer = payloadBytes > 0 ? payloadBytes / BytesPerSecond : 0;
        var wait = Math.Max(Math.Max(0, Queue - Servers + 1) * ServiceSeconds / Servers, Queue * transfer);
        return wait + ServiceSeconds + transfer + RoundTripSeconds;
    }
}
