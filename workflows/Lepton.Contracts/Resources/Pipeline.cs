namespace Lepton.Contracts.Resources;

/// <summary>What happens to the events of one topic: how they look, which model answers on which tier, and when the edge asks the tier above.</summary>
public sealed record Pipeline
{
    /// <summary>The pipeline's name: lower-case letters, digits and dashes. Its events come on <c>lepton.events.&lt;name&gt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The file the pipeline was read from.</summary>
    public required string File { get; init; }

    /// <summary>A title for people.</summary>
    public required string Title { get; init; }

    /// <summary>The domain it serves, such as healthcare or traffic.</summary>
    public required string Domain { get; init; }

    /// <summary>What an event of this pipeline looks like.</summary>
    public required EventSource Source { get; init; }

    /// <summary>What is made durable: the escalation alone (default) or each event's whole way.</summary>
    public required Durability Durability { get; init; }

    /// <summary>How long a record is kept, and with it the memory that an event was seen. Default 7 days.</summary>
    public required TimeSpan DedupeFor { get; init; }

    /// <summary>The models, by tier name (<c>edge</c>, <c>fog</c>, <c>cloud</c>).</summary>
    public required IReadOnlyDictionary<string, TierPlan> Tiers { get; init; }

    /// <summary>When the lower tier's answer is accepted.</summary>
    public required GatePlan Gate { get; init; }

    /// <summary>What becomes of an event that is not accepted.</summary>
    public required EscalationPlan Escalation { get; init; }

    /// <summary>What of an event may leave the tier that received it. Default: the whole payload.</summary>
    public Privacy Privacy { get; init; }

    /// <summary>What the device's twin learns from its events; null when it only counts them.</summary>
    public BaselinePlan? Baseline { get; init; }

    /// <summary>The label that counts as "something is there" in reports (sensitivity and specificity); null where labels have no such order.</summary>
    public string? PositiveLabel { get; init; }
}

/// <summary>What is run as one durable workflow.</summary>
public enum Durability
{
    /// <summary>Events take the express lane; only an escalation is a workflow.</summary>
    Escalation,

    /// <summary>Each event is a workflow from preprocessing to feedback.</summary>
    Event,
}

/// <summary>What an event looks like.</summary>
public sealed record EventSource
{
    /// <summary>Whether events carry a series (JSON signals and values) or an image (encoded bytes).</summary>
    public required EventKind Kind { get; init; }

    /// <summary>The largest payload admitted, in bytes. Default 256 KiB.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>Signals of a series by name, with the number of samples each must have.</summary>
    public required IReadOnlyDictionary<string, int> Signals { get; init; }

    /// <summary>Single values of a series by name, each a finite number that must be there.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    /// <summary>Where <c>lepton up</c> and <c>lepton replay</c> get events from, tried in order; the first that is available is used.</summary>
    public required IReadOnlyList<ReplaySource> Replay { get; init; }
}

/// <summary>The shape of an event's payload.</summary>
public enum EventKind
{
    /// <summary><c>application/json</c>: <c>{"signals": {name: [numbers]}, "values": {name: number}}</c>.</summary>
    Series,

    /// <summary><c>image/jpeg</c>, <c>image/png</c> or <c>image/gif</c> bytes.</summary>
    Image,
}

/// <summary>One reader of recorded or simulated events.</summary>
/// <param name="Reader">The reader's name, such as <c>mitdb</c>, <c>csv</c>, <c>video</c> or a simulator's.</param>
/// <param name="Path">Folder or file below <c>LEPTON_DATA</c>; null for a simulator.</param>
/// <param name="Rate">Default events per second over all devices.</param>
/// <param name="Options">Further options of the reader.</param>
public sealed record ReplaySource(string Reader, string? Path, double Rate, YamlMap Options);

/// <summary>The model of one tier and how its input tensors are made from an event. Several variants may be given; the first whose model is available is used.</summary>
/// <param name="Variants">At least one.</param>
public sealed record TierPlan(IReadOnlyList<ModelUse> Variants);

/// <summary>One model and the steps that make its inputs.</summary>
/// <param name="Model">The model as <c>name/version</c>.</param>
/// <param name="Inputs">For each input tensor of the model, by name, the steps in order.</param>
/// <param name="Options">The whole YAML of this use, for decoders and image steps that read further options.</param>
public sealed record ModelUse(string Model, IReadOnlyDictionary<string, IReadOnlyList<StepPlan>> Inputs, YamlMap Options);

/// <summary>One preprocessing step, compiled by the inference engine.</summary>
/// <param name="Name">The operator's name.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record StepPlan(string Name, YamlMap Arguments);

/// <summary>A device's own baseline: the per-sample median of the first events, kept by its twin and sent with each escalation.</summary>
/// <param name="Signals">The signals kept.</param>
/// <param name="Window">How much event time is looked at, from the device's first event.</param>
/// <param name="At">Name of the value that holds the event's own time in seconds; null to use the CloudEvent's time.</param>
public sealed record BaselinePlan(IReadOnlyList<string> Signals, TimeSpan Window, string? At);
