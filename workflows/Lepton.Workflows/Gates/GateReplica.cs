using Lepton.Contracts.Events;
using Lepton.Decisions.Drift;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Pipelines;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Gates;

/// <summary>
/// One pipeline's gate in this process: the snapshot that its keeper gave last, against which every event is decided without asking anybody, and
/// what is this process' own: the windows of the label-free watch, and the budget.
/// </summary>
internal sealed class GateReplica(Tier tier, TierGate gate, Residents residents, UpLink link, TimeProvider time, ILogger log)
{
    private readonly Lock turn = new();
    private readonly Budget? budget = gate.NewBudget(time.GetUtcNow());
    private DriftWatch? watch;
    private int watchedEpoch = -1;
    private GateAlarm? pending;
    private volatile Held? held;

    public string Pipeline => tier.Pipeline.Name;

    /// <summary>What the keeper gave last; null before it was reached for the first time.</summary>
    public Held? Current => held;

    /// <summary>What of the budget is free; null when there is none.</summary>
    public BudgetView? Free
    {
        get
        {
            lock (turn)
            {
                return budget?.At(time.GetUtcNow());
            }
        }
    }

    /// <summary>The risk that the budget's share can buy; null without a budget or labels.</summary>
    public double? Affordable => tier.Pipeline.Escalation.Budget is { Share: < 1 } plan && held is { } current && current.Snapshot.Report.Labels > 0 ? current.Memory.SmallestAlphaFor(plan.Share) : null;

    /// <summary>Hands an alarm over, and takes what the keeper has learned since.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (pending is { } alarm)
        {
            await residents.AlarmAsync(Pipeline, alarm, cancellationToken).ConfigureAwait(false);
            pending = null;
        }

        if (await residents.GateAsync(Pipeline, held?.Version ?? -1, cancellationToken).ConfigureAwait(false) is not { } news)
        {
            return;
        }

        var memory = new GateMemory(gate.Settings, gate.Calibration);
        if (!GateArchive.TryLoad(memory, news.Archive) && held is null)
        {
            Log.OtherSettings(log, Pipeline, news.Page.Calibration ?? "", gate.Calibration);
        }

        held = new Held(news.Page.Version, new Salt(news.Salt), memory, memory.Snapshot(), news.Page);
    }

    /// <summary>Decides about one answer, on the snapshot held.</summary>
    public Ruled Decide(AdmittedEvent admitted, Answer answer, DateTimeOffset now)
    {
        var current = held ?? throw new InvalidOperationException($"the gate of '{Pipeline}' has not been read yet; wait for it before deciding");
        lock (turn)
        {
            var inputs = gate.InputsOf(admitted);
            var ruling = current.Snapshot.Decide(current.Salt, admitted.Key, answer, inputs, watch?.Scale, gate.DoubtOf(admitted, answer));
            Watch(current, ruling, inputs);
            var decision = Decisions.Feasibility.Escalation.Decide(ruling, Circumstances(admitted, ruling, now), gate.Policy);
            budget?.Book(decision, now);
            var label = decision.Sampled && ruling.Designation != Designation.None ? ruling.Label(now.ToUnixTimeMilliseconds(), Label.Missing, [], decision.Denied) : default(Label?);
            return new Ruled(decision, ruling.Reading.Valid ? ruling.Reading.Doubt : null, Facts(current.Snapshot, ruling, label is null), label);
        }
    }

    /// <summary>Pays for an event that has waited for the budget; false while there is not enough of it.</summary>
    public bool TryPay(long bytes)
    {
        lock (turn)
        {
            return budget?.TryPay(bytes, time.GetUtcNow()) ?? true;
        }
    }

    private static GateFacts Facts(GateSnapshot snapshot, in GateRuling ruling, bool mayTrain) => new()
    {
        Phase = GateView.NameOf(snapshot.Phase),
        Doubt = ruling.Reading.Valid ? ruling.Reading.Doubt : null,
        Threshold = double.IsFinite(ruling.Threshold) ? ruling.Threshold : null,
        Bound = snapshot.Report.Bound,
        AchievedBound = snapshot.Report.AchievedBound,
        Guarantee = snapshot.Report.Sentence,
        Calibration = snapshot.Key,
        Epoch = ruling.Epoch,
        Propensity = ruling.Propensity,
        MayTrain = mayTrain,
    };

    private Circumstances Circumstances(AdmittedEvent admitted, in GateRuling ruling, DateTimeOffset now)
    {
        var latest = now + tier.Pipeline.Escalation.Deadline;

        // Payloads go up in base64; the envelope around them is small.
        var bytes = (admitted.Input.Data.Length + 2L) / 3 * 4;
        return new(now, admitted.Deadline < latest ? admitted.Deadline.Value : latest, bytes, link.Estimate, budget?.At(now) ?? BudgetView.Unlimited,
            Privacy: tier.Pipeline.Privacy, Cost: gate.CostOf(ruling.Reading.Predicted), QueuedBytes: link.QueuedBytes, QueueFull: link.QueueFull);
    }

    /// <summary>Compares the stream with the calibration as long as the gate is open; one alarm is enough until its keeper has begun anew.</summary>
    private void Watch(Held current, in GateRuling ruling, float[] inputs)
    {
        if (current.Snapshot.Phase is GatePhase.ColdStart or GatePhase.Recalibrating || !ruling.Reading.Valid || pending is not null)
        {
            return;
        }

        if (watchedEpoch != current.Snapshot.Epoch)
        {
            watchedEpoch = current.Snapshot.Epoch;
            watch = new DriftWatch(gate.Settings.LabelsNeeded);
            watch.Resume(current.Memory.Reference(), [], null);
        }

        if (watch!.Observe(ruling.Reading.Doubt, inputs, current.Memory.Deafness) is var alarm and not DriftAlarm.None)
        {
            pending = new GateAlarm(gate.Calibration, current.Snapshot.Epoch, alarm == DriftAlarm.Doubt ? "doubt" : "novelty");
        }
    }
}

/// <summary>What a gate's keeper gave, with the snapshot made of it.</summary>
internal sealed record Held(long Version, Salt Salt, GateMemory Memory, GateSnapshot Snapshot, GatePage Page);
