using System.Text.RegularExpressions;

namespace Lepton.Cli;

/// <summary>The local state of a run: <c>.lepton</c> in the current folder, or where <c>LEPTON_STATE</c> points (set by `up` for its children).</summary>
internal sealed partial class LocalFolder(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    public string Runtime => Path.Combine(Root, "runtime");

    public string Logs => Path.Combine(Root, "logs");

    public string Ledger => Path.Combine(Root, "ledger");

    public string Checker => Path.Combine(Root, "checker");

    public string Journal => Path.Combine(Checker, "journal.jsonl");

    public string Recent => Path.Combine(Root, "recent");

    private string RunFile => Path.Combine(Root, "run");

    public static LocalFolder Current() => new(Environment.GetEnvironmentVariable("LEPTON_STATE") is { Length: > 0 } given ? given : ".lepton");

    /// <summary>Makes the folders, or says why they cannot be used.</summary>
    public LocalFolder Prepare()
    {
        try
        {
            foreach (var folder in (ReadOnlySpan<string>)[Runtime, Logs, Ledger, Checker, Recent])
            {
                Directory.CreateDirectory(folder);
            }

            var probe = Path.Combine(Root, ".probe");
            File.WriteAllBytes(probe, new byte[4096]);
            File.Delete(probe);
            return this;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the folder '{Root}' cannot be written ({error.Message.TrimEnd('.')}); free some space, make it writable, or start in another folder");
        }
    }

    /// <summary>Begins a new run: its name goes into the ids of its events, so that two runs never meet each other's records.</summary>
    public string BeginRun(DateTimeOffset now)
    {
        var run = $"r{now.UtcDateTime:yyyyMMddHHmmss}{Random.Shared.Next(1000):d3}";
        var next = $"{RunFile}.{Environment.ProcessId}";
        File.WriteAllText(next, run);
        File.Move(next, RunFile, overwrite: true);
        return run;
    }

    /// <summary>The name of the present run; begins one where `up` did not (as under `dapr run -f`).</summary>
    public string CurrentRun(DateTimeOffset now)
    {
        Directory.CreateDirectory(Root);
        return File.Exists(RunFile) ? File.ReadAllText(RunFile).Trim() : BeginRun(now);
    }

    /// <summary>True for an event id that a generator of another run made.</summary>
    public static bool IsOfOtherRun(string eventId, string run) =>
        RunMark().IsMatch(eventId) && !eventId.StartsWith(run, StringComparison.Ordinal);

    [GeneratedRegex("^r[0-9]{17}-")]
    private static partial Regex RunMark();
}
