using Lepton.Cli.Ledger;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;

namespace Lepton.Cli.Checking;

/// <summary>The state of a run as seen from outside the nodes: ledgers on one side, results and dead letters on the other.</summary>
internal sealed class Checker : IDisposable
{
    private readonly Lock gate = new();
    private readonly string run;
    private readonly string ledgerFolder;
    private readonly Dictionary<string, PipelineTally> tallies = [];
    private readonly Dictionary<string, LedgerTail> tails = [];
    private readonly Dictionary<string, string?> positiveLabels;
    private readonly HashSet<string> earlier = [];
    private Journal journal = null!;

    private Checker(LocalFolder folder, string run, IEnumerable<Pipeline> pipelines)
    {
        this.run = run;
        ledgerFolder = folder.Ledger;
        positiveLabels = pipelines.ToDictionary(pipeline => pipeline.Name, pipeline => pipeline.PositiveLabel);
    }

    public JournalHead Head => journal.Head;

    public ResultFeed Feed { get; } = new();

    /// <summary>True when late results of an earlier run came in.</summary>
    public bool SawEarlierRuns
    {
        get
        {
            lock (gate)
            {
                return earlier.Count > 0;
            }
        }
    }

    /// <summary>Goes on where a killed checker of the same run stopped; null when there was none.</summary>
    public static Checker? Continue(LocalFolder folder, string run, IEnumerable<Pipeline> pipelines)
    {
        var checker = new Checker(folder, run, pipelines);
        return Journal.Continue(folder.Journal, run, checker.Note) is { } journal ? checker.With(journal) : null;
    }

    public static Checker Begin(LocalFolder folder, IEnumerable<Pipeline> pipelines, JournalHead head) =>
        new Checker(folder, head.Run, pipelines).With(Journal.Begin(folder.Journal, head));

    /// <summary>Takes in what a delivery brought; on return it is kept.</summary>
    public void See(IReadOnlyList<(Sighting Sighting, Result? Result)> delivered)
    {
        lock (gate)
        {
            journal.Append(delivered.Select(one => one.Sighting));
            foreach (var (sighting, _) in delivered)
            {
                Note(sighting);
            }
        }

        foreach (var (sighting, result) in delivered)
        {
            if (result is not null)
            {
                Feed.Add(new SeenResult(sighting.Seen, result));
            }
        }
    }

    public RunFigures Read()
    {
        lock (gate)
        {
            ReadLedgers();
            return new RunFigures(run, tallies.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value.Read()));
        }
    }

    /// <summary>How many effects may have been applied since the run began: distinct events by pipeline and device, and ends of escalations by pipeline.</summary>
    public (IReadOnlyDictionary<(string Pipeline, string Device), long> Devices, IReadOnlyDictionary<string, long> Endings) Effects()
    {
        lock (gate)
        {
            return (
                tallies.SelectMany(tally => tally.Value.AnsweredByDevice.Select(device => ((tally.Key, device.Key), device.Value))).ToDictionary(),
                tallies.ToDictionary(tally => tally.Key, tally => tally.Value.Endings));
        }
    }

    public void Dispose() => journal.Dispose();

    private Checker With(Journal opened)
    {
        journal = opened;
        return this;
    }

    private void Note(Sighting sighting)
    {
        var tally = TallyOf(sighting.Pipeline);
        if (LocalFolder.IsOfOtherRun(sighting.EventId, run))
        {
            // Late results of an earlier run are none of this run's events, but twins and gates count them now.
            if (sighting.Kind == SightingKind.Result && earlier.Add($"{sighting.Key}/{sighting.Revision}"))
            {
                tally.SeeEarlier(sighting);
            }
        }
        else
        {
            tally.See(sighting);
        }
    }

    private void ReadLedgers()
    {
        foreach (var path in Directory.Exists(ledgerFolder) ? Directory.GetFiles(ledgerFolder, "*.jsonl") : [])
        {
            if (!tails.TryGetValue(path, out var tail))
            {
                tails[path] = tail = new LedgerTail(path);
            }

            foreach (var line in tail.ReadNew())
            {
                if (tail.Head is { } head && head.Run == run)
                {
                    TallyOf(head.Pipeline).Acknowledge(line);
                }
            }
        }
    }

    private PipelineTally TallyOf(string pipeline)
    {
        if (!tallies.TryGetValue(pipeline, out var tally))
        {
            tallies[pipeline] = tally = new PipelineTally(positiveLabels.GetValueOrDefault(pipeline));
        }

        return tally;
    }
}
