using System.Security.Cryptography;
using System.Text.Json;
using Dapr.Actors.Runtime;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Gates;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Actors;

/// <summary>
/// A gate's memory in the state of its keeper: a snapshot, and the labels since then, one entry each. Whatever is set here is saved with the turn, all
/// or nothing. What was calibrated for other models or settings, or is damaged, is put aside and said, and the gate starts cold.
/// </summary>
internal sealed class GateJournal
{
    private const int EntriesPerSnapshot = 256;
    private readonly IActorStateManager state;
    private readonly string pipeline;
    private readonly ILogger log;
    private GateMemory memory;

    private GateJournal(IActorStateManager state, string pipeline, TierGate gate, ILogger log)
    {
        (this.state, this.pipeline, this.log) = (state, pipeline, log);
        memory = new GateMemory(gate.Settings, gate.Calibration);
    }

    public GatePage Page { get; private set; } = new();

    public static async Task<GateJournal> OpenAsync(IActorStateManager state, string pipeline, TierGate gate, ILogger log)
    {
        var journal = new GateJournal(state, pipeline, gate, log);
        await journal.LoadAsync(gate);
        return journal;
    }

    public byte[] Archive() => GateArchive.Save(memory);

    /// <summary>The secret of the coin, made once and kept.</summary>
    public async Task<string> SaltAsync()
    {
        var kept = await state.TryGetStateAsync<string>("salt");
        if (kept is { HasValue: true, Value.Length: > 0 })
        {
            return kept.Value;
        }

        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await state.SetStateAsync("salt", salt);
        return salt;
    }

    public Task CountAsync(Func<GateCounts, GateCounts> change) => SaveAsync(Page with { Counts = change(Page.Counts) });

    public async Task LearnAsync(Label label, string? reference, DateTimeOffset now)
    {
        if (label.Epoch == memory.Epoch && reference is not null && reference != Page.Reference)
        {
            if (Page.Reference is { } earlier)
            {
                Log.OtherReference(log, pipeline, earlier, reference);
                memory.StartOver();
                await SnapshotAsync(Page with { Reference = reference });
                return;
            }

            await SaveAsync(Page with { Reference = reference });
        }

        var before = memory.Phase;
        if (memory.Learn(label) != Learning.Learned)
        {
            return;
        }

        await state.SetStateAsync($"log-{Page.Logged}", label);
        await SaveAsync(Page with { Logged = Page.Logged + 1 });
        if (Page.Logged == EntriesPerSnapshot)
        {
            await SnapshotAsync(Page);
        }

        if (memory.Phase != before)
        {
            var snapshot = memory.Snapshot();
            Log.GatePhase(log, pipeline, GateView.NameOf(memory.Phase), snapshot.Report.Labels, snapshot.Report.Errors, snapshot.Thresholds.Common.Threshold, snapshot.Report.Sentence);
        }

        if (memory.Harm)
        {
            await AlarmAsync(memory.Epoch, "harm", now);
        }
    }

    /// <summary>Begins a new calibration, unless one has begun already.</summary>
    public async Task AlarmAsync(int epoch, string kind, DateTimeOffset now)
    {
        if (epoch != memory.Epoch || memory.Phase is GatePhase.ColdStart or GatePhase.Recalibrating)
        {
            return;
        }

        Log.GateAlarm(log, pipeline, kind, memory.Settings.LabelsNeeded);
        memory.Alarm();
        await SnapshotAsync(Page with { Alarms = Page.Alarms + 1, LastAlarm = $"{kind}, {now:yyyy-MM-ddTHH:mm:ssZ}" });
    }

    private async Task LoadAsync(TierGate gate)
    {
        try
        {
            var kept = await state.TryGetStateAsync<GatePage>("gate");
            Page = kept is { HasValue: true, Value: { } page } ? page : new GatePage();
            if (Page.Calibration != gate.Calibration)
            {
                if (Page.Calibration is { } earlier)
                {
                    Log.OtherCalibration(log, pipeline, earlier, gate.Calibration);
                }

                await SnapshotAsync(Page with { Calibration = gate.Calibration, Reference = null });
                return;
            }

            var snapshot = await state.TryGetStateAsync<byte[]>("snapshot");
            if (GateArchive.TryLoad(memory, snapshot.Value ?? []))
            {
                for (var entry = 0; entry < Page.Logged; entry++)
                {
                    memory.Learn((await state.TryGetStateAsync<Label>($"log-{entry}")).Value);
                }

                return;
            }

            await state.SetStateAsync("damaged", snapshot.Value ?? []);
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            Log.GateUnreadable(log, pipeline, error.Message);
        }

        Log.GateDamaged(log, pipeline);
        memory = new GateMemory(gate.Settings, gate.Calibration);
        await SnapshotAsync(Page with { Calibration = gate.Calibration, Reference = null });
    }

    private async Task SnapshotAsync(GatePage page)
    {
        await state.SetStateAsync("snapshot", GateArchive.Save(memory));
        await SaveAsync(page with { Logged = 0 });
    }

    private async Task SaveAsync(GatePage page)
    {
        Page = page with { Version = Page.Version + 1 };
        await state.SetStateAsync("gate", Page);
    }
}
