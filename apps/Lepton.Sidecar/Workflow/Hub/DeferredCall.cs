namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>A call that waits for its instance's turn to end. One that is cancelled before does nothing at all.</summary>
internal abstract class DeferredCall
{
    internal abstract void Run(LiveInstance instance);

    internal abstract void Fail(Exception fault);
}

internal sealed class DeferredCall<T> : DeferredCall
{
    private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<LiveInstance, T> act;
    private readonly CancellationTokenRegistration cancellation;
    private int claimed;

    internal DeferredCall(Func<LiveInstance, T> act, CancellationToken cancellationToken)
    {
        this.act = act;
        cancellation = cancellationToken.Register(() =>
        {
            if (Interlocked.Exchange(ref claimed, 1) == 0) result.TrySetCanceled(cancellationToken);
        });
    }

    internal Task<T> Result => result.Task;

    internal override void Run(LiveInstance instance)
    {
        cancellation.Unregister();
        if (Interlocked.Exchange(ref claimed, 1) != 0) return;
        try
        {
            result.TrySetResult(act(instance));
        }
        catch (WorkflowFault fault)
        {
            result.TrySetException(fault);
        }
    }

    internal override void Fail(Exception fault)
    {
        cancellation.Unregister();
        if (Interlocked.Exchange(ref claimed, 1) == 0) result.TrySetException(fault);
    }
}
