using System.Text.Json;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Lanes;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Node.Api;

/// <summary><c>POST /v1/events/{pipeline}</c>: one event from a caller, the same way as from the topic, answered with its result.</summary>
internal static class Events
{
    /// <summary>How long a caller waits for a pipeline that runs each event as a workflow before he is told where to ask.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapEvents(this WebApplication app) => app.MapPost("/v1/events/{pipeline}", ReceiveAsync);

    private static async Task<IResult> ReceiveAsync(string pipeline, HttpContext http, PipelineBook book, Intake intake, RecordStore records, RecentResults recent, TimeProvider time)
    {
        if (book.Tier(pipeline) is not { } tier)
        {
            return Problem.UnknownPipeline(pipeline, book.Names);
        }

        var limit = (tier.Pipeline.Source.MaxBytes * 2) + (64 << 10);
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (await Body.ReadAsync(http.Request, limit, http.RequestAborted) is not { } body)
        {
            // What is left of the body is not worth reading.
            http.Response.Headers.Connection = "close";
            return Problem.Of(413, RejectionReason.TooLarge, $"the body is larger than {limit} bytes, and pipeline '{pipeline}' admits payloads of {tier.Pipeline.Source.MaxBytes}; send less or raise `spec.source.maxBytes`.");
        }

        if (Read(http.Request, tier.Pipeline, body, time.GetUtcNow(), out var refusal) is not { } arrival)
        {
            return refusal!;
        }

        var next = arrival.Event is { } admitted && tier.Pipeline.Durability == Durability.Event
            ? recent.NextAsync(admitted.Subject, Patience, http.RequestAborted) : null;
        var handled = (await intake.TakeAsync(tier, [arrival], http.RequestAborted))[0];
        if (handled.Rejection is { } rejection)
        {
            return Problem.Of(rejection);
        }

        if (!handled.Accepted)
        {
            http.Response.Headers.RetryAfter = "1";
            return Problem.Of(503, "not now", "the sidecar or its state store did not answer, so nothing was decided; send the same event (same id and source) again. The node's log says what failed.");
        }

        return await AnswerAsync(arrival.Event!.Subject, handled.Result, next, records, http);
    }

    private static async Task<IResult> AnswerAsync(string subject, Result? result, Task<Result?>? next, RecordStore records, HttpContext http)
    {
        if (result is null && next is not null)
        {
            // Decided already? Then no new result comes.
            result = await records.CorrectionAsync(subject, http.RequestAborted) ?? (await records.ReadAsync(subject, http.RequestAborted))?.Result ?? await next;
        }

        http.Response.Headers.Location = "/v1/results/" + subject;
        return result is null ? TypedResults.StatusCode(StatusCodes.Status202Accepted)
            : Results.Json(result, ContractJson.Default.Result);
    }

    /// <summary>Structured CloudEvents, CloudEvents in headers (ce-id, ce-source ...), or a plain body, which gets an id of ours.</summary>
    private static Admitted? Read(HttpRequest request, Pipeline pipeline, byte[] body, DateTimeOffset now, out IResult? refusal)
    {
        refusal = null;
        var media = (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        if (media == CloudEvent.MediaType)
        {
            return AdmissionDesk.Admit(pipeline, body, now);
        }

        if (media.Length == 0 || media.StartsWith("application/cloudevents", StringComparison.Ordinal))
        {
            refusal = Problem.Of(415, RejectionReason.WrongContentType, media.Length == 0
                ? "the request has no Content-Type; send application/cloudevents+json, or the payload with its own type (application/json, image/jpeg, image/png)."
                : $"the Content-Type is '{media}'; send one event at a time as application/cloudevents+json.");
            return null;
        }

        return AdmissionDesk.Admit(pipeline, new CloudEvent
        {
            Id = Header(request, "ce-id") ?? Guid.CreateVersion7().ToString(),
            Source = Header(request, "ce-source") ?? "urn:lepton:http",
            Type = Header(request, "ce-type") ?? EventTypes.Event,
            Time = Moment(request, "ce-time") ?? now,
            Deadline = Moment(request, "ce-deadline"),
            DataContentType = media,
            Data = body,
            IsBinary = media.StartsWith("image/", StringComparison.Ordinal),
        }, now);
    }

    private static string? Header(HttpRequest request, string name) => request.Headers[name].ToString() is { Length: > 0 } value ? value : null;

    private static DateTimeOffset? Moment(HttpRequest request, string name) => DateTimeOffset.TryParse(Header(request, name), out var moment) ? moment : null;
}
