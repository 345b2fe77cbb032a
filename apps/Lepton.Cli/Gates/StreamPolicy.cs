using Lepton.Inference.ScoreFiles;
using Lepton.Decisions.Drift;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates;

/// <summary>What a policy did with one event.</summary>
internal readonly record struct Choice(bool Accepted, bool Shadow);

/// <summary>An alarm and the event, counted from 1, at which it went off.</summary>
internal sealed record Alarm(long Event, string Kind);

/// <summary>One way of deciding which events of a stream are sent up.</summary>
internal abstract class StreamPolicy
{
    public List<Alarm> Alarms { get; } = [];

    public virtual GateSnapshot? Gate => null;

    public abstract Choice Decide(ScoreRow row);
}

/// <summary>A rule that looks at the scores alone, of an answer or of a frame's boxes.</summary>
internal sealed class FilterPolicy(Func<double[], bool> hard) : StreamPolicy
{
    public override Choice Decide(ScoreRow row) => new(!hard(row.Boxes ?? row.Scores), false);
}

/// <summary>The whole engine on a stream: it starts cold, its labels come late, and it learns from nothing else.</summary>
internal sealed class GatePolicy : StreamPolicy
{
    // A new threshold for every label would be recomputed far more often than it changes.
    private const int LabelsPerSnapshot = 16;
    private readonly Queue<(long Due, Label Label)> underway = new();
    private readonly GateMemory memory;
    private readonly DriftWatch watch;
    private readonly Salt salt;
    private readonly int delay;
    private readonly Doubt doubt;
    private readonly ScoreKind score;
    private GateSnapshot snapshot;
    private double deafness = 1;
    private int sinceSnapshot;

    public GatePolicy(GateSettings settings, int delay, int seed, int driftWindow, Doubt? doubt = null)
    {
        this.delay = delay;
        this.doubt = doubt ?? new Doubt(settings.Score, settings.Classes, null, null);
        score = settings.Score;
        salt = new Salt($"simulation {seed}");
        memory = new GateMemory(settings, "simulation", this.doubt.Logistic);
        watch = new DriftWatch(settings.LabelsNeeded, driftWindow);
        snapshot = memory.Snapshot();
    }

    public override GateSnapshot Gate => memory.Snapshot();

    /// <summary>The threshold in force.</summary>
    public double Threshold => snapshot.Thresholds.Common.Threshold;

    public override Choice Decide(ScoreRow row)
    {
        Deliver(row.Number);
        var ruling = snapshot.Decide(salt, row.Id, row.Scores, row.Inputs, watch.Scale, doubt.Boosted(Scores.Read(row.Scores, score), row.Inputs));
        if (ruling.Designation != Designation.None)
        {
            underway.Enqueue((row.Number + delay, ruling.Label(row.Number, row.Reference, row.Scores)));
        }

        if (ruling.Reading.Valid)
        {
            Watch(ruling, row);
        }

        return new(ruling.Accepts, ruling is { Accepts: true, IsShadow: true });
    }

    private void Watch(in GateRuling ruling, ScoreRow row)
    {
        var drift = watch.Observe(ruling.Reading.Doubt, row.Inputs, deafness);
        if (drift != DriftAlarm.None || memory.Harm)
        {
            Alarms.Add(new(row.Number, drift switch { DriftAlarm.Doubt => "doubt", DriftAlarm.Novelty => "novelty", _ => "harm" }));
            memory.Alarm();
            watch.Restart();
            Refresh();
        }
    }

    private void Deliver(long now)
    {
        while (underway.TryPeek(out var next) && next.Due <= now)
        {
            memory.Learn(underway.Dequeue().Label);
            sinceSnapshot++;
        }

        if (sinceSnapshot >= LabelsPerSnapshot || (sinceSnapshot > 0 && memory.Phase != snapshot.Phase))
        {
            Refresh();
        }
    }

    private void Refresh()
    {
        snapshot = memory.Snapshot();
        deafness = memory.Deafness;
        sinceSnapshot = 0;
    }
}
