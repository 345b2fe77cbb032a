namespace Lepton.Sidecar.Storage;

/// <summary>A queued piece of writing and the task its caller waits on.</summary>
internal abstract class Work
{
    internal Exception? Fault { get; set; }

    internal abstract void Run(WriteTransaction transaction);

    internal abstract void Complete();
}

internal sealed class Work<T>(Func<WriteTransaction, T> write) : Work
{
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    internal Task<T> Task => done.Task;

    internal override void Run(WriteTransaction transaction) => result = write(transaction);

    internal override void Complete()
    {
        if (Fault is null) done.SetResult(result!);
        else done.SetException(Fault);
    }
}
