using System.Threading.Channels;
using Grpc.Core;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// Hands work to the connected workers of one app and keeps what they have not answered. Work of a stream that ends goes to the next one.
/// The queue holds references only; their number is bounded by the open instances and activities, which are on disk anyway.
/// </summary>
internal sealed class WorkQueue(WorkflowSettings settings)
{
    // A worker that does not read for this long is as good as gone; its work goes to another stream.
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);

    private readonly Channel<Work> waiting = Channel.CreateUnbounded<Work>();
    private readonly Lock gate = new();
    private readonly Dictionary<(string Instance, int Task), ActivityWork> activities = [];
    private readonly Dictionary<string, ActivityWork> tokens = new(StringComparer.Ordinal);
    private readonly Admission turnsAtOnce = new(settings.MaxTurns, settings.TurnLimits), activitiesAtOnce = new(settings.MaxActivities, settings.ActivityLimits);
    private TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int workers;

    /// <summary>The number of open streams.</summary>
    internal int Workers => Volatile.Read(ref workers);

    internal void Add(Work work)
    {
        lock (gate)
        {
            if (AdmissionOf(work).TryEnter(work)) waiting.Writer.TryWrite(work);
        }
    }

    private Admission AdmissionOf(Work work) => work is TurnWork ? turnsAtOnce : activitiesAtOnce;

    /// <summary>Completes when a worker is connected.</summary>
    internal Task WorkerAsync(CancellationToken cancellationToken)
    {
        lock (gate) return workers > 0 ? Task.CompletedTask : connected.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Sends work to one stream until it ends.</summary>
    internal async Task ServeAsync(IServerStreamWriter<WorkItem> writer, bool sendTokens, CancellationToken cancellationToken)
    {
        var stream = new WorkerStream(sendTokens);
        Connect();
        try
        {
            while (await waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // The next item is taken before the current one is sent, so that a run of items leaves in one flush.
                for (var item = TakeNext(stream); item is not null;)
                {
                    var next = TakeNext(stream);
                    writer.WriteOptions = next is null ? WriteOptions.Default : Buffered;
                    await writer.WriteAsync(item, cancellationToken).WaitAsync(SendLimit, cancellationToken).ConfigureAwait(false);
                    item = next;
                }
            }
        }
        finally
        {
            Disconnect(stream);
        }
    }

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    private WorkItem? TakeNext(WorkerStream stream)
    {
        while (waiting.Reader.TryRead(out var work))
        {
            lock (gate)
            {
                stream.InHand.Add(work);
                work.Holder = stream;
                work.Token = stream.Tokens ? work.MakeToken() : "";
                if (work is ActivityWork activity)
                {
                    activities[activity.Name] = activity;
                    if (stream.Tokens) tokens[work.Token] = activity;
                }
            }
            if (work.Take() is { } item)
            {
                item.CompletionToken = work.Token;
                return item;
            }
            Forget(work);
        }
        return null;
    }

    /// <summary>The activity a worker answers, which is then no longer out; null when none of that name, or with that token, is.</summary>
    internal ActivityWork? Answered(string instance, int task, string token)
    {
        lock (gate)
        {
            if (!(tokens.TryGetValue(token, out var activity) && activity.Name == (instance, task)) && !activities.TryGetValue((instance, task), out activity)) return null;
            if (activity.IsOther(token)) return null;
            Forget(activity);
            return activity;
        }
    }

    internal void Forget(Work work)
    {
        lock (gate)
        {
            work.Holder?.InHand.Remove(work);
            work.Holder = null;
            if (work is ActivityWork activity)
            {
                if (activities.TryGetValue(activity.Name, out var known) && known == activity) activities.Remove(activity.Name);
                tokens.Remove(work.Token);
            }
            foreach (var next in AdmissionOf(work).Leave(work)) waiting.Writer.TryWrite(next);
        }
    }

    private void Connect()
    {
        lock (gate)
        {
            workers++;
            connected.TrySetResult();
        }
    }

    private void Disconnect(WorkerStream stream)
    {
        Work[] lost;
        lock (gate)
        {
            stream.Ended = true;
            if (--workers == 0) connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lost = [.. stream.InHand];
            foreach (var work in lost) Forget(work);
        }
        foreach (var work in lost) work.Lost();
    }
}
