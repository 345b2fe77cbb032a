namespace Lepton.Workflows.Actors;

/// <summary>The sightings of one device on their way to its twin: one call at a time, the next with all that has gathered meanwhile.</summary>
internal sealed class SightingLine(Func<IReadOnlyList<Sighting>, Task> tell, Action leave)
{
    /// <summary>As many as a delivery brings: with their signals some hundred kilobytes, far below what a sidecar takes in one call.</summary>
    private const int MostSightings = 100;

    private readonly Lock gate = new();
    private readonly Queue<Round> waiting = new();
    private Round? last;
    private bool running;
    private bool over;

    /// <summary>Completes, or fails, with the call that carries the sightings; null when this line is over and a new one is needed.</summary>
    public Task? TryJoin(IReadOnlyList<Sighting> sightings)
    {
        Round round;
        lock (gate)
        {
            if (over)
            {
                return null;
            }

            if (last is null || last.Sightings.Count + sightings.Count > MostSightings)
            {
                waiting.Enqueue(last = new Round());
            }

            round = last;
            round.Sightings.AddRange(sightings);
            if (running)
            {
                return round.Told.Task;
            }

            running = true;
        }

        _ = RunAsync();
        return round.Told.Task;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Round round;
            lock (gate)
            {
                if (!waiting.TryDequeue(out round!))
                {
                    over = true;
                    leave();
                    return;
                }

                if (round == last)
                {
                    // What is on its way takes no more.
                    last = null;
                }
            }

            try
            {
                await tell(round.Sightings).ConfigureAwait(false);
                round.Told.SetResult();
            }
            catch (Exception error)
            {
                // Theirs who wait for it: each hears why, and sends its events back.
                round.Told.SetException(error);
            }
        }
    }

    private sealed class Round
    {
        public List<Sighting> Sightings { get; } = [];

        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
