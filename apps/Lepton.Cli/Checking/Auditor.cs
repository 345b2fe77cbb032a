namespace Lepton.Cli.Checking;

/// <summary>Compares what twins and gates counted since the run began with the distinct events and verdicts that were seen.</summary>
internal static class Auditor
{
    public static async Task<Audit> AuditAsync(Checker checker, EdgeEffects edge, CancellationToken cancellationToken)
    {
        var (devices, endings) = checker.Effects();
        try
        {
            var twins = await edge.TwinsAsync(devices.Keys.Select(key => key.Device).Distinct(), cancellationToken);
            var gates = await edge.GatesAsync(endings.Keys, cancellationToken);
            return Compare(checker.Head, devices, endings, twins, gates, checker.SawEarlierRuns);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new Audit(0, new Dictionary<string, long>(), [$"the edge node could not be asked for its twins and gates ({error.Message}); their effects are not compared"]);
        }
    }

    public static Audit Compare(
        JournalHead before,
        IReadOnlyDictionary<(string Pipeline, string Device), long> devices,
        IReadOnlyDictionary<string, long> endings,
        Dictionary<string, Dictionary<string, long>> twins,
        Dictionary<string, long> gates,
        bool sawEarlierRuns = false)
    {
        var twice = new Dictionary<string, long>();
        var notes = new List<string>();
        foreach (var ((pipeline, device), seen) in devices)
        {
            var earlier = before.Twins.GetValueOrDefault(device)?.GetValueOrDefault(pipeline) ?? 0;
            Note(pipeline, twins[device].GetValueOrDefault(pipeline) - earlier, seen, $"the twin of '{device}'", "events");
        }

        foreach (var (pipeline, seen) in endings)
        {
            Note(pipeline, gates[pipeline] - before.Gates.GetValueOrDefault(pipeline), seen, $"the gate of '{pipeline}'", "feedbacks");
        }

        return new Audit(devices.Count + endings.Count, twice, notes);

        void Note(string pipeline, long counted, long seen, string what, string unit)
        {
            // Late results of an earlier run may have been counted before this one began: fewer is then no difference.
            if (counted == seen || (sawEarlierRuns && counted < seen))
            {
                return;
            }

            notes.Add($"{what} counted {counted} {unit} in this run, {seen} were seen");
            twice[pipeline] = twice.GetValueOrDefault(pipeline) + Math.Max(0, counted - seen);
        }
    }
}
