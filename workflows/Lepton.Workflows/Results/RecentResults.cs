using Lepton.Contracts.Events;

namespace Lepton.Workflows.Results;

/// <summary>The newest results of each pipeline, in memory only: 256 a pipeline, for people who look. The state store is what remembers.</summary>
internal sealed class RecentResults
{
    private const int Kept = 256;
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedList<Result>> byPipeline = [];
    private readonly Dictionary<string, List<TaskCompletionSource<Result>>> waiting = [];

    public void Add(Result result)
    {
        List<TaskCompletionSource<Result>>? waiters;
        lock (gate)
        {
            if (!byPipeline.TryGetValue(result.Pipeline, out var results))
            {
                byPipeline[result.Pipeline] = results = new LinkedList<Result>();
            }

            results.AddFirst(result);
            if (results.Count > Kept)
            {
                results.RemoveLast();
            }

            waiting.Remove(result.Subject, out waiters);
        }

        waiters?.ForEach(waiter => waiter.TrySetResult(result));
    }

    /// <summary>Newest first; of one pipeline, or of all when <paramref name="pipeline"/> is null.</summary>
    public IReadOnlyList<Result> Newest(string? pipeline, int limit)
    {
        lock (gate)
        {
            var results = pipeline is null ? byPipeline.Values.SelectMany(all => all).OrderByDescending(result => result.DecidedAt)
                : byPipeline.TryGetValue(pipeline, out var own) ? own.AsEnumerable() : [];
            return [.. results.Take(limit)];
        }
    }

    /// <summary>The next result of a subject; null when the time is over.</summary>
    public async Task<Result?> NextAsync(string subject, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<Result>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            (waiting.TryGetValue(subject, out var waiters) ? waiters : waiting[subject] = []).Add(waiter);
        }

        try
        {
            return await waiter.Task.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            lock (gate)
            {
                if (waiting.TryGetValue(subject, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                {
                    waiting.Remove(subject);
                }
            }
        }
    }
}
