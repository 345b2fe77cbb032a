using System.Text.Json.Serialization;
using Lepton.Contracts.Events;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Gates;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Node.Api;

/// <summary>What people and the CLI read: results, twins, gates, status.</summary>
internal static class Reading
{
    private const int MostResults = 256;

    public static void MapReading(this WebApplication app)
    {
        app.MapGet("/v1/results/{pipeline}/{key}", ResultAsync);
        app.MapGet("/v1/results", (string? pipeline, int? limit, RecentResults recent) =>
            Results.Json([.. recent.Newest(pipeline, Math.Clamp(limit ?? 20, 1, MostResults))], ReadingJson.Default.ResultArray));
        app.MapGet("/v1/twins/{**device}", async (string device, Residents residents, CancellationToken stop) =>
            Results.Json(await residents.TwinAsync(device, stop), ReadingJson.Default.TwinView));
        app.MapGet("/v1/gates", async (PipelineBook book, GateBoard gates, Tally tally, CancellationToken stop) =>
            Results.Json(await Task.WhenAll(book.Tiers.Select(tier => GateAsync(tier, gates, tally, stop))), ReadingJson.Default.GateViewArray));
        app.MapGet("/v1/gates/{pipeline}", async (string pipeline, PipelineBook book, GateBoard gates, Tally tally, CancellationToken stop) =>
            book.Tier(pipeline) is { } tier ? Results.Json(await GateAsync(tier, gates, tally, stop), ReadingJson.Default.GateView) : Problem.UnknownPipeline(pipeline, book.Names));
        app.MapGet("/v1/status", Status);
    }

    /// <summary>The latest revision, or the one asked for.</summary>
    private static async Task<IResult> ResultAsync(string pipeline, string key, int? revision, RecordStore records, CancellationToken cancellationToken)
    {
        var subject = EventKey.Subject(pipeline, key);
        var correction = revision == 1 ? null : await records.CorrectionAsync(subject, cancellationToken);
        var result = correction ?? (revision is null or 1 ? (await records.ReadAsync(subject, cancellationToken))?.Result : null);
        return result is null
            ? Problem.Of(404, "no result", $"there is no result '{subject}'{(revision is null ? "" : $" of revision {revision}")}; it was never decided here, or its time to live (`dedupeFor`) is over.")
            : Results.Json(result, ContractJson.Default.Result);
    }

    /// <summary>A gate with what its keeper knows now, not only what this replica has heard of.</summary>
    private static async Task<GateView> GateAsync(Tier tier, GateBoard gates, Tally tally, CancellationToken cancellationToken)
    {
        var gate = gates.Of(tier.Pipeline.Name);
        if (gate is not null)
        {
            await gate.RefreshAsync(cancellationToken);
        }

        return GateView.Of(tier, gate, tally.Read().GetValueOrDefault(tier.Pipeline.Name));
    }

    private static IResult Status(NodeSettings settings, PipelineBook book, Tally tally, SidecarWatch sidecar, UpLink link, GateBoard gates)
    {
        var figures = tally.Read();
        var pipelines = book.Tiers.ToDictionary(tier => tier.Pipeline.Name, tier => new PipelineStatus(
            tier.Pipeline.Title, tier.Model.Model.Id, tier.Pipeline.Durability.ToString().ToLowerInvariant(), figures.GetValueOrDefault(tier.Pipeline.Name) ?? new PipelineTally().Read(),
            gates.Of(tier.Pipeline.Name)?.Current is { } held ? GateView.NameOf(held.Snapshot.Phase) : null));
        return Results.Json(new NodeStatus(settings.Node.AppId, settings.Node.Tier, sidecar.IsReady ? "ready" : "waiting",
            link.Answers switch { null => "not asked yet", true => "answers", false => "away" }, pipelines, [.. book.Faults.Select(fault => fault.ToString())]), ReadingJson.Default.NodeStatus);
    }
}

/// <summary>A node as people read it; counts are since the process started.</summary>
internal sealed record NodeStatus(string AppId, string Tier, string Sidecar, string TierAbove, IReadOnlyDictionary<string, PipelineStatus> Pipelines, string[] Faults);

internal sealed record PipelineStatus(string Title, string Model, string Durability, TallyFigures Counts, string? Gate);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Result[]))]
[JsonSerializable(typeof(TwinView))]
[JsonSerializable(typeof(GateView))]
[JsonSerializable(typeof(GateView[]))]
[JsonSerializable(typeof(NodeStatus))]
internal sealed partial class ReadingJson : JsonSerializerContext;
