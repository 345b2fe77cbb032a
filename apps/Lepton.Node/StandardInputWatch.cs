namespace Lepton.Node;

/// <summary>Ends the node when its standard input does: a supervisor holds the other end, so its children end with it, even when it is killed.</summary>
internal sealed class StandardInputWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: reading standard input cannot be cancelled, and must not hold a pool thread.
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            var block = new byte[256];
            while (input.Read(block) > 0)
            {
            }

            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "standard input" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
