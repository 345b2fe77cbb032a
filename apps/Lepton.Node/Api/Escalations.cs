using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lepton.Contracts.Events;
using Lepton.Workflows.Escalation;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Node.Api;

/// <summary><c>POST /v1/escalations</c> and <c>GET /v1/escalations/{id}</c>: what lower tiers ask.</summary>
internal static class Escalations
{
    /// <summary>The largest payload of any pipeline in base64, with a baseline beside it.</summary>
    private const long MostBytes = 16 << 20;

    public static void MapEscalations(this WebApplication app, NodeSettings settings)
    {
        var api = app.MapGroup("/v1/escalations").AddEndpointFilter(async (call, next) =>
            Knows(call.HttpContext.Request, settings.AskToken) ? await next(call)
            : Problem.Of(401, "unknown asker", $"'{settings.Node.AppId}' answers only with its bearer token; send `Authorization: Bearer` with the value of its LEPTON_ESCALATION_TOKEN (on the asking node LEPTON_UP_TOKEN)."));
        api.MapPost("", AskAsync);
        api.MapGet("/{pipeline}/{key}", FindAsync);
    }

    private static async Task<IResult> AskAsync(HttpContext http, VerdictDesk desk)
    {
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (await Body.ReadAsync(http.Request, MostBytes, http.RequestAborted) is not { } body)
        {
            http.Response.Headers.Connection = "close";
            return Problem.Of(413, "too large", $"an escalation may have {MostBytes} bytes; lower `spec.source.maxBytes` of its pipeline.");
        }

        EscalationRequest? question;
        try
        {
            question = JsonSerializer.Deserialize(body, ContractJson.Default.EscalationRequest);
        }
        catch (JsonException error)
        {
            return Problem.Of(422, "malformed escalation", $"the body is no escalation ({error.Message}); send JSON with id, pipeline, device, from, contentType, data (base64) and deadline.");
        }

        if (question is null)
        {
            return Problem.Of(422, "malformed escalation", "the body is `null`; send JSON with id, pipeline, device, from, contentType, data (base64) and deadline.");
        }

        var answer = await desk.AnswerAsync(question, http.RequestAborted);
        if (answer.Status == 429)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        return answer.Problem is null ? Results.Bytes(answer.Verdict.ToArray(), "application/json") : Problem.Of(answer.Status, "no verdict", answer.Problem);
    }

    private static async Task<IResult> FindAsync(string pipeline, string key, VerdictDesk desk, CancellationToken cancellationToken) =>
        await desk.FindAsync($"{pipeline}/{key}", cancellationToken) is { } verdict ? Results.Bytes(verdict.ToArray(), "application/json")
            : Problem.Of(404, "no verdict", $"there is no verdict on '{pipeline}/{key}'; ask with POST /v1/escalations.");

    private static bool Knows(HttpRequest request, string? token) => token is null
        || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes("Bearer " + token));
}
