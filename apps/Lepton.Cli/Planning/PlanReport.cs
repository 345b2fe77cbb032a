using System.Text.Json.Serialization;
using Lepton.Decisions.Planning;

namespace Lepton.Cli.Planning;

/// <summary>What `lepton plan --output json` prints.</summary>
internal sealed record PlanReport(string Plan, string Model)
{
    public PlanError? Error { get; init; }

    public QueueingPlan? Queueing { get; init; }

    public SharePlan? Share { get; init; }

    public SimulatedPlan? Simulation { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanningJson : JsonSerializerContext;
