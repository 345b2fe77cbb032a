using System.Text.Json.Serialization;
using Lepton.Cli.Doctor;
using Lepton.Contracts.Events;

namespace Lepton.Cli.Commands;

internal sealed record ReplayReport(string Pipeline, long Sent);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(Finding[]))]
[JsonSerializable(typeof(Result[]))]
internal sealed partial class CommandJson : JsonSerializerContext;
