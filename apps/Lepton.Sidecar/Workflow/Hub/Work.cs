using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Something for a worker to do.</summary>
internal abstract class Work
{
    /// <summary>The stream whose worker has it, null while it waits. Guarded by the queue.</summary>
    internal WorkerStream? Holder { get; set; }

    /// <summary>Sent with the work to workers that send it back; an answer with another token is one for other work. Empty when not sent.</summary>
    internal string Token { get; set; } = "";

    /// <summary>Whether an answer is for other work: its token is not that of this one. Where none was sent, none is looked at.</summary>
    internal bool IsOther(string token) => Token.Length > 0 && token.Length > 0 && token != Token;

    /// <summary>What is sent as its token when a worker takes it now.</summary>
    internal abstract string MakeToken();

    /// <summary>The name of its workflow or activity, by which a limit may hold for it.</summary>
    internal abstract string LimitedAs { get; }

    /// <summary>The message to send, or null when nobody wants the work any more.</summary>
    internal abstract WorkItem? Take();

    /// <summary>The stream of its worker ended before an answer.</summary>
    internal abstract void Lost();
}

/// <summary>A turn of an instance. What it holds is decided when a worker takes it.</summary>
internal sealed class TurnWork(TaskHub hub, LiveInstance instance) : Work
{
    internal override string LimitedAs { get; } = instance.Name;

    /// <summary>Another one each time: an answer is of the very turn that was sent.</summary>
    internal override string MakeToken() => Guid.NewGuid().ToString();

    internal override WorkItem? Take() => hub.TakeTurn(instance, this);

    internal override void Lost() => hub.LoseTurn(instance, this);
}

/// <summary>One run of an activity.</summary>
internal sealed class ActivityWork(TaskHub hub, WorkQueue queue, long key, int generation, HistoryEvent scheduled, ActivityRequest request) : Work
{
    internal override string LimitedAs => Scheduled.Name;

    /// <summary>The same each time, after a restart too: whoever has run it, the result is of this activity.</summary>
    internal override string MakeToken() => $"{key}.{generation}.{request.TaskId}";

    internal TaskHub Hub => hub;

    internal long Key => key;

    internal int Generation => generation;

    internal HistoryEvent Asked => scheduled;

    internal TaskScheduledEvent Scheduled => scheduled.TaskScheduled;

    internal (string Instance, int Task) Name => (request.WorkflowInstance.InstanceId, request.TaskId);

    internal override WorkItem? Take() => hub.Wants(this) ? new WorkItem { ActivityRequest = request } : null;

    internal override void Lost() => queue.Add(this);
}
