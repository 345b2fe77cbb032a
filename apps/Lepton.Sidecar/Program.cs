using System.Runtime.InteropServices;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Health;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Storage;

if (args.Any(a => a is "--help" or "-h"))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

if (args.Any(a => a is "--version" or "--build-info"))
{
    Console.WriteLine(SidecarMetadata.Version);
    return 0;
}

if (args.Contains("--wait")) return await CommandLine.WaitAsync(args) ? 0 : 1;

var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
if (Environment.GetEnvironmentVariable("LEPTON_EXIT_WITH_STDIN") == "1")
{
    // A supervisor holds the other end: its children end with it, even when it is killed.
    new Thread(FollowInput) { IsBackground = true, Name = "standard input" }.Start();
}

try
{
    var options = CommandLine.Read(args);
    await using var runtime = await EmbeddedRuntime.StartAsync(options);
    foreach (var sidecar in options.Sidecars) Console.WriteLine($"{sidecar.AppId}: dapr API on http {runtime.PortsOf(sidecar.AppId).Http} and grpc {runtime.PortsOf(sidecar.AppId).Grpc}");
    // What the start left behind is a good part of an idle host's memory, and nothing else would collect it there.
    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
    if (await Task.WhenAny(ended.Task, runtime.Ended) == ended.Task) await runtime.BlockAsync();
    return ended.Task.IsCompleted ? 0 : await runtime.Ended;
}
catch (Exception fault) when (fault is RuntimeException or StorageException or FaultyResourceException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ended.TrySetResult(0);
}

void FollowInput()
{
    using var input = Console.OpenStandardInput();
    Span<byte> ignored = stackalloc byte[256];
    while (input.Read(ignored) > 0)
    {
    }

    ended.TrySetResult(0);
}

// The package must not bring a public Program into other people's projects.
internal sealed partial class Program;
