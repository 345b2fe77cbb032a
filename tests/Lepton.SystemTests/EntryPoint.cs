using Lepton.SystemTests.Sidecar.Programs;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Lepton.SystemTests;

/// <summary>Runs the tests; or, started by one of them, the worker process that it kills.</summary>
internal static class EntryPoint
{
    private static Task<int> Main(string[] args) => args switch
    {
        [PlayerProcess.Verb, ..] => PlayerProcess.WorkAsync(args),
        _ when args.Any(static arg => arg is "-automated" or "@@") => ConsoleRunner.Run(args),
        _ => TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
