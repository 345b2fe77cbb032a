using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Lepton.Cli.Checking;

/// <summary>The last results, and a stream of new ones for whoever follows. A follower that is too slow misses the oldest, never holds up the checker.</summary>
internal sealed class ResultFeed
{
    private const int Kept = 400;

    private readonly Lock gate = new();
    private readonly Queue<SeenResult> recent = [];
    private readonly List<Channel<SeenResult>> followers = [];

    public void Add(SeenResult result)
    {
        lock (gate)
        {
            recent.Enqueue(result);
            if (recent.Count > Kept)
            {
                recent.Dequeue();
            }

            foreach (var follower in followers)
            {
                follower.Writer.TryWrite(result);
            }
        }
    }

    public IReadOnlyList<SeenResult> Recent()
    {
        lock (gate)
        {
            return [.. recent];
        }
    }

    public async IAsyncEnumerable<SeenResult> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<SeenResult>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (gate)
        {
            followers.Add(channel);
        }

        try
        {
            await foreach (var result in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return result;
            }
        }
        finally
        {
            lock (gate)
            {
                followers.Remove(channel);
            }
        }
    }
}
