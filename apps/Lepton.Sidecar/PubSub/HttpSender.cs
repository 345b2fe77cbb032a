using System.Net;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Hands an event to an HTTP app: POST to its route, the answer's status decides.</summary>
internal sealed class HttpSender(AppChannel app, string pubsub, bool waitsForApp) : Sender
{
    private const int LargestAnswer = 64 << 10;

    internal override async Task<Attempt<Outcome>> SendAsync(Outgoing outgoing, CancellationToken stop)
    {
        using var request = app.Request(HttpMethod.Post, outgoing.Path);
        request.Content = new ReadOnlyMemoryContent(outgoing.Event);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/cloudevents+json");
        if (outgoing.Message.Metadata is { } metadata)
            foreach (var (key, value) in metadata) request.Headers.TryAddWithoutValidation(key, value);
        request.Headers.TryAddWithoutValidation("pubsubName", pubsub);
        Trace.Write(request, outgoing.TraceParent);
        try
        {
            using var answer = await app.SendAsync(request, stop).ConfigureAwait(false);
            return await ReadAsync(answer, stop).ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            return Broken(fault, waitsForApp);
        }
    }

    /// <summary>A connection that fails is a failure to be retried; with nobody listening a broker that keeps what failed rather waits.</summary>
    internal static Attempt<Outcome> Broken(Exception fault, bool waitsForApp) =>
        waitsForApp && AppChannel.IsAway(fault)
            ? new(Outcome.Unreachable, Verdict.Final)
            : new(Outcome.Failed, Verdict.Failed);

    private static async Task<Attempt<Outcome>> ReadAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        var status = (int)answer.StatusCode;
        if (answer.StatusCode == HttpStatusCode.NotFound) return new(Outcome.Drop, Verdict.Final, status);
        if (status is < 200 or >= 300) return new(Outcome.Failed, Verdict.Failed, status);
        if (answer.Content.Headers.ContentLength == 0) return new(Outcome.Success, Verdict.Final, status);
        var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        return Read(body);
    }

    private static Attempt<Outcome> Read(byte[] body)
    {
        if (body.Length is 0 or > LargestAnswer) return new(Outcome.Success, Verdict.Final);
        return StatusOf(body) switch
        {
            null or "" or "SUCCESS" => new(Outcome.Success, Verdict.Final),
            "DROP" => new(Outcome.Drop, Verdict.Final),
            _ => new(Outcome.Failed, Verdict.Failed),
        };
    }

    /// <summary>The member `status`, in any case of letters; null when there is none that is text.</summary>
    private static string? StatusOf(byte[] body)
    {
        string? status = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = reader.GetString()!.Equals("status", StringComparison.OrdinalIgnoreCase);
                reader.Read();
                if (isStatus && reader.TokenType == JsonTokenType.String) status = reader.GetString();
                else if (isStatus && reader.TokenType != JsonTokenType.Null) return null;
                else reader.Skip();
            }
            return status;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
