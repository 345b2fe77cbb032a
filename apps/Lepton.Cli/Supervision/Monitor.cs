using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>Asks checker and runtime how the run stands, and keeps the last answer while one of them is being restarted.</summary>
internal sealed class Monitor(HttpClient http, Uri checker, Uri edge, RuntimeControl control, string run)
{
    private const int MostNotes = 50;

    private readonly Lock gate = new();
    private readonly Queue<string> notes = [];
    private readonly List<ChildApp> apps = [];
    private RunFigures? figures;
    private Audit? audit;
    private Settlement settlement;
    private readonly Odometer uplink = new();
    private readonly Dictionary<string, Odometer> questions = [];
    private readonly Dictionary<string, string?> gates = [];
    private bool cut;
    private long? flowing;
    private TimeSpan? flowed;

    public string Phase { get; set; } = "starting";

    /// <summary>Raised for each note, for whoever shows them as they come.</summary>
    public event Action<string>? Noted;

    public RunFigures? Figures => figures;

    public bool UplinkCut => cut;

    public Settlement Settled => settlement;

    public void Add(ChildApp app)
    {
        lock (gate)
        {
            apps.Add(app);
        }
    }

    public void Note(string text)
    {
        lock (gate)
        {
            notes.Enqueue($"{DateTime.Now:HH:mm:ss} {text}");
            if (notes.Count > MostNotes)
            {
                notes.Dequeue();
            }
        }

        Noted?.Invoke(text);
    }

    public void BeginFlow() => flowing = Stopwatch.GetTimestamp();

    public void EndFlow() => flowed = flowing is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

    public void Settle(Settlement how) => settlement = how;

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            figures = await http.GetFromJsonAsync(new Uri(checker, "/v1/figures"), CheckingJson.Default.RunFigures, cancellationToken) ?? figures;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The checker is being started again: its last figures stand until it answers.
        }

        if (await control.ReadAsync(cancellationToken) is { } state)
        {
            uplink.Read(state.Bytes);
            cut = state.Cut;
        }

        foreach (var (pipeline, (bytes, gateState)) in await NodeStatus.PipelinesAsync(http, edge, cancellationToken))
        {
            lock (gate)
            {
                (questions.TryGetValue(pipeline, out var odometer) ? odometer : questions[pipeline] = new Odometer()).Read(bytes);
                gates[pipeline] = gateState;
            }
        }
    }

    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.PostAsync(new Uri(checker, "/v1/audit"), null, cancellationToken);
            audit = await answer.Content.ReadFromJsonAsync(CheckingJson.Default.Audit, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Note($"the checker could not compare twins and gates ({error.Message})");
        }

        foreach (var note in audit?.Notes ?? [])
        {
            Note(note);
        }
    }

    public RunState State()
    {
        lock (gate)
        {
            return new RunState
            {
                Run = run,
                Phase = Phase,
                Seconds = Math.Round((flowed ?? (flowing is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero)).TotalSeconds, 1),
                Drained = settlement == Settlement.Open ? null : settlement == Settlement.Drained,
                UplinkCut = cut,
                Pipelines = Summaries.Of(figures, uplink.Total, questions.ToDictionary(pair => pair.Key, pair => pair.Value.Total), settlement, audit)
                    .ToDictionary(pair => pair.Key, pair => pair.Value with { Gate = gates.GetValueOrDefault(pair.Key) }),
                Apps = [.. apps.Select(app => new AppState(app.Name, app.Pid, app.IsUp, app.Restarts))],
                Notes = [.. notes],
            };
        }
    }
}
