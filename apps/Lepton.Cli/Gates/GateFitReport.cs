using System.Text.Json.Serialization;

namespace Lepton.Cli.Gates;

/// <summary>What `lepton gate fit --output json` prints. Thresholds without a number are "-Infinity" (accept nothing) and "Infinity" (accept all).</summary>
internal sealed record GateFitReport
{
    public required string Input { get; init; }

    public required double Alpha { get; init; }

    public required double? Delta { get; init; }

    public required string Mode { get; init; }

    public required string Score { get; init; }

    public required long Events { get; init; }

    [JsonPropertyName("n")]
    public required long Labels { get; init; }

    public required long Errors { get; init; }

    [JsonPropertyName("m")]
    public required int? Order { get; init; }

    [JsonPropertyName("tau")]
    public required double? Threshold { get; init; }

    public required double Escalation { get; init; }

    public required double ObservedRisk { get; init; }

    public required double Bound { get; init; }

    public required int Missing { get; init; }

    public HeadReport? Head { get; init; }

    public ClassFit[]? Classes { get; init; }

    public Affordable? Affordable { get; init; }

    public required string[] Notes { get; init; }
}

/// <summary>Whether a head was taken and why.</summary>
internal sealed record HeadReport(bool Taken, string? Kind, double? Gain, string Why, IReadOnlyList<double>? Weights);

/// <summary>One class's gate; without a class the one of all classes that have too few labels for their own.</summary>
internal sealed record ClassFit(
    int? Class, [property: JsonPropertyName("n")] int Labels, int Errors, [property: JsonPropertyName("m")] int Order, [property: JsonPropertyName("tau")] double Threshold, double Escalation, double Bound);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GateFitReport))]
[JsonSerializable(typeof(SimulationReport))]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class GateJson : JsonSerializerContext;
