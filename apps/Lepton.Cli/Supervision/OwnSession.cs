namespace Lepton.Cli.Supervision;

/// <summary>Starts a command in a session of its own, where the system has `setsid`.</summary>
internal static class OwnSession
{
    private static readonly string? SetSid = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "setsid")).FirstOrDefault(File.Exists);

    public static IReadOnlyList<string> Wrap(IReadOnlyList<string> command) => SetSid is null ? command : [SetSid, .. command];
}
