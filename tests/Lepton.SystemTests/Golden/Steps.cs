using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lepton.SystemTests.Golden;

/// <summary>Does one step of a conversation.</summary>
internal sealed class Steps
{
    private readonly Conversation run;
    private readonly JsonObject step;
    private readonly GoldenHost host;
    private readonly TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Steps(Conversation run, JsonObject step)
    {
        (this.run, this.step) = (run, step);
        host = step.Text("host") is { } name && run.Hosts.TryGetValue(name, out var named) ? named : run.First;
    }

    internal Task RunAsync()
    {
        if (step.ContainsKey("http")) return AskAsync(HttpAsync);
        if (step.Text("await") is { } awaited) return AwaitAsync(awaited);
        if (step.ContainsKey("grpc")) return AskAsync(GrpcAsync);
        if (step.ContainsKey("open")) return OpenAsync();
        if (step.Text("send") is { } sent) return run.Streams[sent].SendAsync(run.Fill(step["message"], host));
        if (step.Text("close") is { } closed) return run.Streams[closed].CloseAsync();
        if (step.Text("cancel") is { } cancelled) return CancelAsync(run.Streams[cancelled]);
        if (step.Text("read") is { } read) return ReadAsync(run.Streams[read]);
        if (step.Text("silent") is { } silent) return SilentAsync(run.Streams[silent]);
        if (step.Text("ended") is { } ended) return EndedAsync(run.Streams[ended]);
        if (step.ContainsKey("received")) return ReceivedAsync();
        if (step.ContainsKey("quiet")) return QuietAsync();
        if (step.Text("reply") is { } reply) return ReplyAsync(reply);
        if (step.Text("app") is { } app) return app == "stop" ? host.App!.StopAsync() : host.App!.StartAsync(host.Port("appPort"));
        if (step.Text("runtime") is { } runtime) return RuntimeAsync(runtime);
        if (step.Text("write") is { } file) return WriteAsync(run.Fill(file, host));
        if (step["exec"] is JsonArray command) return ExecAsync(command);
        if (step.ContainsKey("sleep")) return Task.Delay(step.Number("sleep", 0));
        throw new GoldenException("no such step");
    }

    private async Task AskAsync(Func<Task<JsonObject>> ask)
    {
        if (step.Text("async") is { } name)
        {
            // The next step begins when this request is out, so that requests arrive in the order of the steps.
            run.Pending[name] = Task.Run(ask);
            await Task.WhenAny(sent.Task, run.Pending[name]);
            return;
        }
        for (var until = Environment.TickCount64 + step.Number("retryForMs", 0); ; await Task.Delay(50))
        {
            try
            {
                var answer = await ask();
                if (step["expect"] is { } expected) run.Check(expected, Shape(expected, answer));
                return;
            }
            catch (Exception) when (Environment.TickCount64 < until)
            {
                // Asked again until the time is up.
            }
        }
    }

    private async Task AwaitAsync(string name)
    {
        var answer = await run.Pending[name];
        if (step["expect"] is { } expected) run.Check(expected, Shape(expected, answer));
    }

    private async Task<JsonObject> HttpAsync()
    {
        var filled = (JsonObject)run.Fill(step, host)!;
        var parts = filled.Text("http")!.Split(' ', 2);
        var body = filled.Bytes();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (filled.ContainsKey("json")) headers["content-type"] = "application/json";
        foreach (var (name, value) in filled.Map("headers") ?? [])
        {
            if (value is null) headers.Remove(name);
            else headers[name] = Match.Plain(value);
        }
        var clock = Stopwatch.StartNew();
        var port = host.Port(filled.Text("to") == "metrics" ? "metricsPort" : "httpPort");
        var answer = filled.Flag("h2c") ? await Http2.SendAsync(port, parts[0], parts[1], headers, body) : await Http1.SendAsync(port, parts[0], parts[1], headers, body, TimeSpan.FromMilliseconds(filled.Number("withinMs", 30_000)), () => sent.TrySetResult());
        answer["tookMs"] = clock.Elapsed.TotalMilliseconds;
        return answer;
    }

    private async Task<JsonObject> GrpcAsync()
    {
        var filled = (JsonObject)run.Fill(step, host)!;
        var clock = Stopwatch.StartNew();
        sent.TrySetResult();
        var answer = await host.Calls.UnaryAsync(filled.Text("grpc")!, filled["request"], filled.Map("metadata"), filled.Number("deadlineMs", 20_000));
        answer["tookMs"] = clock.Elapsed.TotalMilliseconds;
        return answer;
    }

    private Task OpenAsync()
    {
        var filled = (JsonObject)run.Fill(step, host)!;
        run.Streams[filled.Text("as")!] = host.Calls.Open(filled.Text("open")!, filled["request"], filled.Map("metadata"));
        return Task.CompletedTask;
    }

    private static Task CancelAsync(GrpcStream stream)
    {
        stream.Cancel();
        return Task.CompletedTask;
    }

    private async Task ReadAsync(GrpcStream stream)
    {
        var expected = step["expect"];
        var count = step.Number("count", expected is JsonArray several ? several.Count : 1);
        var got = await stream.TakeAsync(count, step.Number("withinMs", 10_000));
        if (got.Count < count) throw new GoldenException($"stream {step.Text("read")}: {got.Count} of {count} messages, end {stream.End?.ToJsonString() ?? "none"}: {new JsonArray([.. got]).ToJsonString()}");
        if (expected is null) return;
        if (expected is JsonArray) run.Check(step.Flag("anyOrder") ? new JsonObject { ["<unordered>"] = expected.DeepClone() } : expected, new JsonArray([.. got]));
        else run.Check(expected, got[0]);
    }

    private async Task SilentAsync(GrpcStream stream)
    {
        await Task.Delay(step.Number("forMs", 500));
        if (stream.Waiting > 0) throw new GoldenException($"stream {step.Text("silent")}: not expected {(await stream.TakeAsync(1, 0))[0].ToJsonString()}");
    }

    private async Task EndedAsync(GrpcStream stream)
    {
        for (var until = Environment.TickCount64 + step.Number("withinMs", 10_000); stream.End is null && Environment.TickCount64 < until; await Task.Delay(10))
        {
        }
        if (stream.End is null) throw new GoldenException($"stream {step.Text("ended")} has not ended");
        if (step["expect"] is { } expected) run.Check(expected, Shape(expected, stream.End));
    }

    private async Task ReceivedAsync()
    {
        var on = run.Fill(step.Text("received")!, host);
        var expected = step["expect"] as JsonArray;
        var count = step.Number("count", expected?.Count ?? 1);
        var got = await host.App!.NextAsync(on, count, TimeSpan.FromMilliseconds(step.Number("withinMs", 10_000)));
        if (got.Count < count) throw new GoldenException($"{on}: {got.Count} of {count} requests; the app has seen {string.Join(", ", host.App.Seen)}");
        var before = host.App.Last;
        var anyOrder = step.Flag("anyOrder");
        var shaped = new JsonArray();
        for (var i = 0; i < got.Count; i++)
        {
            var request = (JsonObject)got[i].Request.DeepClone();
            request["gapMs"] = Math.Round(got[i].At - (i > 0 ? got[i - 1].At : before ?? got[i].At));
            request["sinceMs"] = Math.Round(got[i].At - (run.StepAt ?? got[i].At));
            shaped.Add(Shape(expected?[anyOrder ? 0 : i], request));
        }
        host.App.Last = got.Count > 0 ? got[^1].At : null;
        if (step["overlap"] is { } overlap && overlap.GetValue<bool>() != Overlap(got)) throw new GoldenException($"{on}: calls {(Overlap(got) ? "overlap" : "do not overlap")}");
        if (expected is not null) run.Check(anyOrder ? new JsonObject { ["<unordered>"] = expected.DeepClone() } : expected, shaped);
    }

    private static bool Overlap(List<Received> calls)
    {
        for (var i = 0; i < calls.Count; i++)
            for (var j = i + 1; j < calls.Count; j++)
                if (calls[j].At < (calls[i].DoneAt ?? double.MaxValue) && calls[i].At < (calls[j].DoneAt ?? double.MaxValue)) return true;
        return false;
    }

    private async Task QuietAsync()
    {
        var on = run.Fill(step.Text("quiet")!, host);
        await Task.Delay(step.Number("forMs", 500));
        if (host.App!.Untaken(on) is [var first, ..]) throw new GoldenException($"{on}: not expected {first.Request.ToJsonString()}");
    }

    private Task ReplyAsync(string on)
    {
        host.App!.Set(run.Fill(on, host), (JsonArray)run.Fill(step["with"], host)!);
        return Task.CompletedTask;
    }

    private async Task RuntimeAsync(string what)
    {
        var route = step.Text("readyRoute") ?? host.Spec.Text("readyRoute");
        switch (what)
        {
            case "kill": await host.StopRuntimeAsync("SIGKILL"); break;
            case "stop": await host.StopRuntimeAsync("SIGTERM"); break;
            case "start":
                host.Write();
                await host.StartRuntimeAsync();
                await host.ReadyAsync(route);
                break;
            case "restart":
                await host.StopRuntimeAsync(step.Text("signal") ?? "SIGTERM");
                await host.StartRuntimeAsync();
                await host.ReadyAsync(route);
                break;
            case "exits":
                var end = await host.ExitAsync(step.Number("withinMs", 10_000));
                if (step["expect"] is { } expected) run.Check(expected, end);
                break;
            default: throw new GoldenException($"no such step: runtime {what}");
        }
    }

    private Task WriteAsync(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return File.WriteAllTextAsync(file, step.Text("text") is { } text ? run.Fill(text, host) : run.Fill(step["json"], host)!.ToJsonString());
    }

    private async Task ExecAsync(JsonArray command)
    {
        var words = command.Select(word => Match.Plain(run.Fill(word, host))).ToList();
        using var process = Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(step.Text("stdin") is { } input ? run.Fill(input, host) : "");
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 && !step.Flag("mayFail")) throw new GoldenException($"{words[0]} ended with {process.ExitCode}: {await error}");
        if (step["expect"] is { } expected) run.Check(expected, JsonValue.Create((await output).Trim()));
    }

    /// <summary>Keeps of an answer what the expectation speaks of at its top level, and of headers those it names; a time within its window becomes the window.</summary>
    private static JsonObject Shape(JsonNode? expectation, JsonObject actual)
    {
        if (expectation is not JsonObject expected) return actual;
        var shaped = new JsonObject();
        foreach (var (key, value) in expected)
        {
            if (key == "...") continue;
            if (key is "headers" or "trailers")
            {
                var named = new JsonObject();
                foreach (var (name, _) in (JsonObject)value!)
                    if (actual.Map(key)?.Text(name.ToLowerInvariant()) is { } text) named[name] = text;
                shaped[key] = named;
            }
            else if (value is JsonObject window && Regex.IsMatch(key, "Ms$"))
            {
                var took = actual[key]!.GetValue<double>();
                var inside = took >= (window["min"]?.GetValue<double>() ?? 0) && took <= (window["max"]?.GetValue<double>() ?? double.MaxValue);
                shaped[key] = inside ? window.DeepClone() : JsonValue.Create(took);
            }
            else if (actual.TryGetPropertyValue(key, out var given))
            {
                shaped[key] = given?.DeepClone();
            }
        }
        return shaped;
    }
}
