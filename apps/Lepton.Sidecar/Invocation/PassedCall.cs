using System.Globalization;
using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.Invocation;

/// <summary>One gRPC call on its way through: under the target's policies as long as nothing of its answer has gone to the caller.</summary>
internal sealed class PassedCall(
    HttpContext context, Guard guard, long limit, Func<CancellationToken, Func<HttpContent>, Task<HttpResponseMessage>> send, Func<HttpRequestException, Task<string>> describe)
{
    private const string Late = "context deadline exceeded";

    private HttpResponse Response => context.Response;

    internal async Task RunAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (Deadline(context.Request.Headers["grpc-timeout"].ToString()) is { } deadline) stop.CancelAfter(deadline);
        var kept = guard.Retries ? new KeptMessage(context.Request.BodyReader, limit, stop.Token) : null;
        Func<HttpContent> body = kept is null ? () => new PassedBody(context.Request.BodyReader, limit) : kept.Content;
        try
        {
            var (end, refusal) = guard.Empty
                ? ((await AttemptAsync(body, stop.Token).ConfigureAwait(false)).Result, Refusal.None)
                : await guard.RunAsync(attempt => AttemptAsync(body, attempt), static end => end.Answer?.Dispose(), stop.Token).ConfigureAwait(false);
            if (refusal != Refusal.None) end = new(null, new Status(refusal == Refusal.TimedOut ? StatusCode.DeadlineExceeded : StatusCode.Unknown, refusal.Text()));
            using (end.Answer) Finish(end);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (OperationCanceledException)
        {
            Finish(new(null, new Status(StatusCode.DeadlineExceeded, Late)));
        }
    }

    /// <summary>How an attempt ended: with the app's answer, of which only headers and trailers are not yet passed on, or with a status of our own.</summary>
    private readonly record struct End(HttpResponseMessage? Answer, Status Status);

    private async Task<Attempt<End>> AttemptAsync(Func<HttpContent> body, CancellationToken stop)
    {
        HttpResponseMessage? answer = null;
        try
        {
            answer = await send(stop, body).ConfigureAwait(false);
            var passed = await PassAsync(answer, stop).ConfigureAwait(false);
            var code = StatusOf(answer);
            return new(new(answer, default), code == 0 ? Verdict.Final : passed ? Verdict.Spent : Verdict.Failed, code);
        }
        catch (Exception fault)
        {
            answer?.Dispose();
            if (stop.IsCancellationRequested && Cause(fault) is null)
                return Response.HasStarted ? new(new(null, new Status(StatusCode.DeadlineExceeded, Late)), Verdict.Spent, (int)StatusCode.DeadlineExceeded) : throw new OperationCanceledException(Late, fault, stop);
            var status = Cause(fault) ?? new Status(StatusCode.Unavailable, answer is null
                // A connection that dies as the call goes out may end it as cancelled.
                ? await describe(fault as HttpRequestException ?? new HttpRequestException(fault.Message, fault)).ConfigureAwait(false)
                : $"error reading from server: {fault.Message}");
            return new(new(null, status), Response.HasStarted || status.StatusCode == StatusCode.FailedPrecondition ? Verdict.Spent : Verdict.Failed, (int)status.StatusCode);
        }
    }

    /// <summary>A status that the call itself is to blame for.</summary>
    private static Status? Cause(Exception? fault) => fault switch
    {
        MessageTooLargeException => new Status(StatusCode.ResourceExhausted, fault.Message),
        StreamedRetryException => new Status(StatusCode.FailedPrecondition, fault.Message),
        null => null,
        _ => Cause(fault.InnerException),
    };

    /// <summary>Passes the messages of an answer on as they come; false when there were none, so that nothing has gone out.</summary>
    private async Task<bool> PassAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (answer.Headers.NonValidated.Contains("grpc-status")) return false;
        if (guard.Empty) await StartAsync(answer, stop).ConfigureAwait(false);
        var frames = new MessageFrames(limit);
        await using var stream = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        // Before the answer has begun its buffer cannot be had, and whether it begins is seen by its first bytes.
        var first = new byte[guard.Empty ? 0 : 4096];
        while (true)
        {
            var memory = Response.HasStarted ? Response.BodyWriter.GetMemory(4096) : first;
            var read = await stream.ReadAsync(memory, stop).ConfigureAwait(false);
            if (read == 0) return Response.HasStarted;
            frames.Pass(memory.Span[..read]);
            if (!Response.HasStarted)
            {
                await StartAsync(answer, stop).ConfigureAwait(false);
                await Response.BodyWriter.WriteAsync(memory[..read], stop).ConfigureAwait(false);
                continue;
            }
            Response.BodyWriter.Advance(read);
            await Response.BodyWriter.FlushAsync(stop).ConfigureAwait(false);
        }
    }

    private Task StartAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        Copy(answer);
        return Response.StartAsync(stop);
    }

    private void Copy(HttpResponseMessage answer)
    {
        Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated)
            if (name != PeerDoor.Callee || Response.Headers.ContainsKey(name)) Response.Headers[name] = new([.. values]);
        foreach (var (name, values) in answer.Content.Headers.NonValidated) Response.Headers[name] = new([.. values]);
    }

    private static int StatusOf(HttpResponseMessage answer)
    {
        var found = answer.Headers.NonValidated.TryGetValues("grpc-status", out var code) || answer.TrailingHeaders.NonValidated.TryGetValues("grpc-status", out code);
        return found && int.TryParse(code.ToString(), out var number) ? number : (int)StatusCode.Unknown;
    }

    private void Finish(in End end)
    {
        if (end.Answer is { } answer)
        {
            if (!Response.HasStarted) Copy(answer);
            // A status among the headers: there is nothing else, and they must be all.
            if (Response.Headers.ContainsKey("grpc-status")) return;
            foreach (var (name, values) in answer.TrailingHeaders.NonValidated) Response.AppendTrailer(name, new([.. values]));
        }
        else if (!Response.HasStarted)
        {
            _ = GrpcAnswer.Error(context, end.Status.StatusCode, end.Status.Detail);
        }
        else
        {
            // Part of the answer is out: its end is the only thing left to say.
            Response.AppendTrailer("grpc-status", ((int)end.Status.StatusCode).ToString());
            Response.AppendTrailer("grpc-message", GrpcAnswer.Escape(end.Status.Detail));
        }
    }

    /// <summary>The time a caller gives its call: digits and a unit.</summary>
    internal static TimeSpan? Deadline(string text)
    {
        if (text.Length < 2 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        var length = text[^1] switch
        {
            'H' => TimeSpan.FromHours(Math.Min(number, 1_000)),
            'M' => TimeSpan.FromMinutes(Math.Min(number, 60_000)),
            'S' => TimeSpan.FromSeconds(Math.Min(number, 3_600_000L)),
            'm' => TimeSpan.FromMilliseconds(number),
            'u' => TimeSpan.FromMicroseconds(number),
            'n' => TimeSpan.FromTicks(number / 100),
            _ => (TimeSpan?)null,
        };
        // Timers of the system cannot wait longer than about 49 days; a call that may is not limited here.
        return length > TimeSpan.FromDays(45) ? null : length;
    }
}
