using Lepton.Cli.Ledger;
using Lepton.Cli.Pipelines;
using Lepton.Inference.Sources;

namespace Lepton.Cli.Devices;

/// <summary>All devices of a run in one process: a generator for each feed.</summary>
internal static class DevicesApp
{
    public static async Task<int> RunAsync(IReadOnlyList<Feed> feeds, int seed, LocalFolder folder, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var parent = ParentWatch.Follow(stop.Cancel);
        var run = folder.CurrentRun(TimeProvider.System.GetUtcNow());
        // A file that was asked for is sent once; what a pipeline names by itself goes on for as long as the run does.
        await SendAsync(feeds, folder, name => name, feed => new ReadRequest
        {
            Data = Environment.GetEnvironmentVariable("LEPTON_DATA"),
            Seed = seed,
            Run = run,
            Start = TimeProvider.System.GetUtcNow(),
            Repeat = feed.Input is null or "simulator",
        }, run, stop.Token);
        return 0;
    }

    /// <summary>Sends each feed to its end, or until it is told to stop. <paramref name="ledgerName"/> names a pipeline's ledger file.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> SendAsync(
        IReadOnlyList<Feed> feeds, LocalFolder folder, Func<string, string> ledgerName, Func<Feed, ReadRequest> request, string run, CancellationToken stop)
    {
        using var publisher = new EventPublisher();
        var recent = new RecentPayloads(folder.Recent, TimeProvider.System);
        var sent = new Dictionary<string, long>();
        await Task.WhenAll(feeds.Select(async feed =>
        {
            var name = feed.Pipeline.Name;
            var asked = request(feed);
            using var ledger = LedgerWriter.Open(Path.Combine(folder.Ledger, ledgerName(name) + ".jsonl"), new LedgerHead(run, name, asked.Start));
            // After a restart the events must be the same ones, their times too.
            var reader = feed.Open(asked with { Start = ledger.Head.Start });
            Console.Error.WriteLine($"{name}: {reader.Description}, {feed.RateOrDefault}, from event {ledger.Next}");
            await new Generator(publisher, ledger, recent, TimeProvider.System).RunAsync(name, reader.Read(stop), feed.RateOrDefault, stop);
            lock (sent)
            {
                sent[name] = ledger.Next;
            }
        }));
        return sent;
    }
}
