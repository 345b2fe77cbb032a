using System.Runtime.InteropServices;

namespace Lepton.Cli.Supervision;

/// <summary>Ctrl-C and SIGTERM: the first asks for an orderly end, the second for an end now.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource soon = new();
    private readonly CancellationTokenSource now = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Take),
    ];

    public CancellationToken Soon => soon.Token;

    public CancellationToken Now => now.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        soon.Dispose();
        now.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        if (soon.IsCancellationRequested)
        {
            now.Cancel();
        }

        soon.Cancel();
    }
}
