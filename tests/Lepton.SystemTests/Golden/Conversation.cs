using System.Text.Json.Nodes;

namespace Lepton.SystemTests.Golden;

/// <summary>One run of a case: its hosts, what was saved, what is open. The steps are in `Steps`.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    private readonly GoldenCase golden;
    private readonly Dictionary<string, JsonNode?> saved = [];

    private Conversation(GoldenCase golden)
    {
        this.golden = golden;
        var hosts = golden.Spec.Map("hosts") ?? new JsonObject { ["probe"] = golden.Spec["host"]?.DeepClone() ?? new JsonObject() };
        foreach (var (name, spec) in hosts) Hosts.Add(name, new GoldenHost(name, spec!.AsObject(), this));
        First = Hosts.Values.First();
        InProcess = Environment.GetEnvironmentVariable("GOLDEN_RUNTIME") is not { Length: > 0 } && !Hosts.Values.Any(h => h.Spec.ContainsKey("env")) && !golden.Spec.Maps("steps").Any(s => s.ContainsKey("runtime"));
    }

    internal string Unique { get; } = Guid.NewGuid().ToString("N")[..6];

    internal string Folder { get; } = Directory.CreateTempSubdirectory("golden-").FullName;

    internal Dictionary<string, GoldenHost> Hosts { get; } = [];

    internal GoldenHost First { get; }

    internal bool InProcess { get; }

    internal Dictionary<string, GrpcStream> Streams { get; } = [];

    internal Dictionary<string, Task<JsonObject>> Pending { get; } = [];

    /// <summary>When the step before ended.</summary>
    internal double? StepAt { get; private set; }

    /// <exception cref="GoldenException">A step did not go as recorded; the message says which and how.</exception>
    internal static async Task PlayAsync(string name)
    {
        await using var run = new Conversation(GoldenCase.Read(name));
        await run.StartAsync();
        var number = 0;
        foreach (var step in run.golden.Spec.Maps("steps"))
        {
            number++;
            try
            {
                await new Steps(run, step).RunAsync();
            }
            catch (Exception fault)
            {
                var text = step.ToJsonString();
                throw new GoldenException($"{name}, step {number} {(text.Length > 300 ? text[..300] + "…" : text)}\n  {fault.Message}{(fault is GoldenException ? "" : "\n" + fault)}");
            }
            run.StepAt = ProbeApp.Now;
        }
    }

    private async Task StartAsync()
    {
        foreach (var host in Hosts.Values) host.TakePorts();
        foreach (var host in Hosts.Values)
        {
            host.Write();
            if (!Starts(host)) continue;
            await host.StartAppAsync();
            await host.StartRuntimeAsync();
        }
        foreach (var host in Hosts.Values.Where(Starts)) await host.ReadyAsync(host.App is { Late: true } ? "/v1.0/healthz/outbound" : host.Spec.Text("readyRoute"));
    }

    private static bool Starts(GoldenHost host) => !host.Spec.ContainsKey("start") || host.Spec.Flag("start");

    internal JsonNode? Fill(JsonNode? node, GoldenHost host) => Texts.Fill(node, key => Value(key, host));

    internal string Fill(string text, GoldenHost host) => Texts.Fill(text, key => Value(key, host));

    internal void Check(JsonNode? expected, JsonNode? actual)
    {
        var found = new Match(saved).Differences(Fill(expected, First), actual);
        if (found.Count > 0) throw new GoldenException(string.Join("\n  ", found));
    }

    private string Value(string key, GoldenHost host)
    {
        if (key == "tmp") return Folder;
        if (key == "unique") return Unique;
        if (key.StartsWith("save.", StringComparison.Ordinal)) return Match.Plain(saved.GetValueOrDefault(key[5..]));
        if (key.StartsWith("env.", StringComparison.Ordinal)) return Environment.GetEnvironmentVariable(key[4..]) ?? "";
        if (key == "now") return Time(0);
        if (key.StartsWith("now+", StringComparison.Ordinal) || key.StartsWith("now-", StringComparison.Ordinal)) return Time(int.Parse(key[3..], System.Globalization.CultureInfo.InvariantCulture));
        var parts = key.Split('.');
        var (owner, kind) = parts.Length == 2 ? (Hosts.GetValueOrDefault(parts[0]), parts[1]) : (host, key);
        return owner?.Value(kind) ?? throw new GoldenException($"nothing to fill ${{{key}}} with");
    }

    private static string Time(int ms) => DateTime.UtcNow.AddMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in Streams.Values) stream.Dispose();
        await Task.WhenAll(Hosts.Values.Select(host => host.DisposeAsync().AsTask()));
        Directory.Delete(Folder, recursive: true);
    }
}
