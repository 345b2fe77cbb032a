namespace Lepton.Workflows;

/// <summary>Who this node is, and the names of the Dapr components it uses (the same in every profile).</summary>
/// <param name="AppId">The app id; part of the actor types, since placement is shared by all apps of a cluster.</param>
/// <param name="Tier">edge, fog or cloud.</param>
internal sealed record NodeIdentity(string AppId, string Tier)
{
    public const string Pubsub = "lepton-pubsub";
    public const string StateStore = "lepton-state";
    public const string TierAbove = "lepton-up";

    public string TwinType => "DeviceTwin-" + AppId;

    public string GateType => "Gate-" + AppId;
}
