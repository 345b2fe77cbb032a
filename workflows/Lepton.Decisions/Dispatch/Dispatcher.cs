namespace Lepton.Decisions.Dispatch;

/// <summary>
/// Chooses where an already decided stage runs: two candidates drawn by capacity, of which the one that is expected to finish first. The best of all
/// would be what every other dispatcher takes too, until the next heartbeat; two drawn ones do not herd.
/// </summary>
public static class Dispatcher
{
    /// <summary>No node would finish in time: park or reject.</summary>
    public const int Nowhere = -1;

    /// <summary>The index of the node to send to, or <see cref="Nowhere"/>. Allocates nothing.</summary>
    /// <param name="nodes">The candidates.</param>
    /// <param name="payloadBytes">Size of the event's payload.</param>
    /// <param name="slackSeconds">Seconds until its deadline; positive infinity when there is none.</param>
    /// <param name="random">The source of the draws; a seeded one makes them repeatable.</param>
    public static int Pick(ReadOnlySpan<NodeLoad> nodes, double payloadBytes, double slackSeconds, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (nodes.IsEmpty)
        {
            return Nowhere;
        }

        var first = Draw(nodes, payloadBytes, random);
        var second = Draw(nodes, payloadBytes, random);
        var pick = nodes[second].CompletionSeconds(payloadBytes) < nodes[first].CompletionSeconds(payloadBytes) ? second : first;
        return nodes[pick].CompletionSeconds(payloadBytes) <= slackSeconds ? pick : BestInTime(nodes, payloadBytes, slackSeconds);
    }

    private static int Draw(ReadOnlySpan<NodeLoad> nodes, double payloadBytes, Random random)
    {
        var sum = 0.0;
        foreach (var node in nodes)
        {
            sum += node.Weight(payloadBytes);
        }

        var left = random.NextDouble() * sum;
        for (var i = 0; i < nodes.Length - 1; i++)
        {
            left -= nodes[i].Weight(payloadBytes);
            if (left < 0)
            {
                return i;
            }
        }

        return nodes.Length - 1;
    }

    private static int BestInTime(ReadOnlySpan<NodeLoad> nodes, double payloadBytes, double slackSeconds)
    {
        var best = Nowhere;
        for (var i = 0; i < nodes.Length; i++)
        {
            var seconds = nodes[i].CompletionSeconds(payloadBytes);
            if (seconds <= slackSeconds && (best == Nowhere || seconds < nodes[best].CompletionSeconds(payloadBytes)))
            {
                best = i;
            }
        }

        return best;
    }
}
