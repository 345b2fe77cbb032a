using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Contracts.Events;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// The tier above, asked through the sidecar. Its HttpClient has an attempt timeout and a circuit breaker and never repeats a POST; whether and
/// when to ask again is the workflow's business. Whatever is not a clear answer is "not yet": a transient failure never becomes a decision.
/// </summary>
internal sealed class TierAbove(HttpClient http)
{
    public const string Client = "lepton-up";

    /// <summary>Asks; with <paramref name="accepted"/> only whether the verdict on an earlier question has come.</summary>
    public async Task<Reply> AskAsync(string escalation, byte[] question, bool accepted, CancellationToken cancellationToken)
    {
        try
        {
            if (accepted)
            {
                using var poll = await http.GetAsync(new Uri("v1/escalations/" + escalation, UriKind.Relative), cancellationToken).ConfigureAwait(false);
                if (poll.StatusCode != HttpStatusCode.NotFound)
                {
                    return await ReadAsync(escalation, poll, cancellationToken).ConfigureAwait(false);
                }

                // It has forgotten the question: ask anew.
            }

            using var content = new ByteArrayContent(question);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.PostAsync(new Uri("v1/escalations", UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(escalation, response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Sidecar gone, connection cut, attempt timed out, breaker open, answer garbled: all the same to the one who asks.
            return Reply.NotYet($"the tier above could not be reached ({error.Message})");
        }
    }

    private static async Task<Reply> ReadAsync(string escalation, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.OK)
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            var verdict = JsonSerializer.Deserialize(bytes, ContractJson.Default.Verdict);
            return verdict is null || verdict.Id != escalation ? Reply.NotYet("the tier above answered about something else")
                : verdict.Answer is null ? Reply.Refused(verdict.Refusal ?? "the tier above gave neither an answer nor a reason")
                : Reply.Answered(verdict);
        }

        var retryAfter = response.Headers.RetryAfter?.Delta;
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            return Reply.NotYet("the tier above has accepted the question and not answered yet") with { Accepted = true, RetryAfter = retryAfter };
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return IsRefusal(response) ? Reply.Refused(Detail(text) ?? $"the tier above refused it with status {status}")
            : Reply.NotYet($"the tier above answered {status}{(Detail(text) is { } detail ? $": {detail}" : "")}{Cure(status)}") with { RetryAfter = retryAfter };
    }

    /// <summary>
    /// What is wrong with the question stays wrong. What an operator can put right (a token, a pipeline that is not there yet, an address) or time
    /// can (overload) does not; a 404 counts only when a node gave it, since a wrong address answers 404 too.
    /// </summary>
    private static bool IsRefusal(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        401 or 403 or 407 or 408 or 421 or 425 or 429 => false,
        404 or 405 => response.Content.Headers.ContentType?.MediaType == "application/problem+json",
        var status => status is >= 400 and < 500,
    };

    private static string Cure(int status) => status is 401 or 403 ? "; give this node the token of the tier above in LEPTON_UP_TOKEN" : "";

    private static string? Detail(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind != JsonValueKind.Object ? null
                : json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()
                : json.RootElement.TryGetProperty("message", out var message) ? message.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What came of asking once.</summary>
/// <param name="Ending">How it ended, or null when it has not.</param>
/// <param name="Verdict">The verdict, when answered.</param>
/// <param name="Why">Why there is none, as a sentence.</param>
/// <param name="Accepted">The question is kept above; ask for its verdict.</param>
/// <param name="RetryAfter">How long the tier above wants to be left alone.</param>
/// <param name="Paid">The budget has paid for it.</param>
/// <param name="Settled">The record is corrected, and gate and twin know.</param>
internal sealed record Reply(string? Ending, Verdict? Verdict, string? Why, bool Accepted = false, TimeSpan? RetryAfter = null, bool Paid = false, bool Settled = false)
{
    /// <summary>True when the tier above gave no sign of life that makes sense: neither an ending, nor "accepted", nor "later".</summary>
    [JsonIgnore]
    public bool IsFailure => Ending is null && !Accepted && RetryAfter is null;

    /// <summary>The model that gave the verdict; null without one.</summary>
    [JsonIgnore]
    public string? Reference => Verdict?.ModelSha256 ?? Verdict?.Answer?.Model;

    public static Reply Answered(Verdict verdict) => new(Endings.Answered, verdict, null);

    public static Reply Refused(string why) => new(Endings.Refused, null, why);

    public static Reply NotYet(string why) => new(null, null, why);
}
