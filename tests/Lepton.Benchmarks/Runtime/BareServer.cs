namespace Lepton.Benchmarks.Runtime;

/// <summary>What every figure is held against: a Kestrel that reads a body and answers 200, in a process of its own.</summary>
internal static class BareServer
{
    internal const string Argument = "bare-server";

    internal static async Task RunAsync(int port)
    {
        await using var app = new Receiver("[]", port);
        await app.StartAsync();
        await Task.Delay(Timeout.Infinite);
    }

    internal static async Task WaitAsync(Publisher publisher, int port, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await publisher.PostAsync($"http://127.0.0.1:{port}/echo", []);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }
}
