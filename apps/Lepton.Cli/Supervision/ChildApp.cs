using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.Cli.Supervision;

/// <summary>How one child is started.</summary>
/// <param name="Name">Its app id, or `runtime`.</param>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Directory">The folder it runs in.</param>
/// <param name="Environment">Variables beside those of `up` itself.</param>
/// <param name="IsReady">Whether it answers yet; asked until it does.</param>
/// <param name="EndsWhenDone">Whether exit code 0 means that its work is done; else every end is a death.</param>
internal sealed record ChildPlan(
    string Name,
    IReadOnlyList<string> Command,
    string Directory,
    IReadOnlyDictionary<string, string> Environment,
    Func<CancellationToken, Task<bool>> IsReady,
    bool EndsWhenDone = false);

/// <summary>One child process: started, started again when it dies, and ended through its standard input, which also ends it when `up` itself is killed.</summary>
internal sealed class ChildApp(ChildPlan plan, string logs, Action<string> say) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(12);
    private const int MostFailedStarts = 5;

    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource ending = new();
    private readonly ChildLog log = new(logs, plan.Name, line => say($"{plan.Name}: {line}"));
    private Process? process;

    public string Name => plan.Name;

    public int? Pid { get; private set; }

    public int Restarts { get; private set; }

    public bool IsUp { get; private set; }

    /// <summary>Completes when the child answers for the first time.</summary>
    public Task Ready => ready.Task;

    /// <summary>Completes when the child has ended for good: done (exit code 0), told to end, or given up on.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start() => Ended = RunAsync();

    public async Task EndAsync()
    {
        await ending.CancelAsync();
        ready.TrySetCanceled();
        await Ended.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public void Dispose()
    {
        log.Dispose();
        ending.Dispose();
        process?.Dispose();
    }

    private async Task RunAsync()
    {
        var failedStarts = 0;
        for (var pause = FirstPause; !ending.IsCancellationRequested;)
        {
            log.ForgetTail();
            using var child = process = Launch();
            Pid = child.Id;
            var answered = await RunOnceAsync(child);
            (Pid, IsUp) = (null, false);
            if (ending.IsCancellationRequested || (plan.EndsWhenDone && child.ExitCode == 0))
            {
                return;
            }

            failedStarts = answered ? 0 : failedStarts + 1;
            if (!ready.Task.IsCompletedSuccessfully || failedStarts >= MostFailedStarts)
            {
                throw Failure(child.ExitCode);
            }

            Restarts++;
            say($"{plan.Name} died ({How(child.ExitCode)}); starting it again");
            pause = answered ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await Task.Delay(pause, ending.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private Process Launch()
    {
        // Its own session: Ctrl-C in the terminal reaches `up` alone, which then ends its children in order.
        var command = OwnSession.Wrap(plan.Command);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = plan.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["LEPTON_EXIT_WITH_STDIN"] = "1";
        try
        {
            var child = Process.Start(start)!;
            child.OutputDataReceived += (_, line) => Note(line.Data);
            child.ErrorDataReceived += (_, line) => Note(line.Data);
            child.BeginOutputReadLine();
            child.BeginErrorReadLine();
            return child;
        }
        catch (Win32Exception error)
        {
            throw new CommandException($"{plan.Name} cannot be started: '{string.Join(' ', plan.Command)}' in '{plan.Directory}' ({error.Message}); check its `command` and `appDirPath` in dapr.yaml");
        }

        void Note(string? line)
        {
            if (line is not null)
            {
                log.Add(line);
            }
        }
    }

    /// <summary>True when the child answered before it ended.</summary>
    private async Task<bool> RunOnceAsync(Process child)
    {
        using var gone = new CancellationTokenSource();
        var waiting = WaitUntilReadyAsync(gone.Token);
        try
        {
            await child.WaitForExitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(child);
        }

        await gone.CancelAsync();
        return await waiting;
    }

    private async Task<bool> WaitUntilReadyAsync(CancellationToken gone)
    {
        var started = Stopwatch.GetTimestamp();
        var late = false;
        while (!gone.IsCancellationRequested)
        {
            if (await AnswersAsync(gone))
            {
                IsUp = true;
                ready.TrySetResult();
                return true;
            }

            if (!late && Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                late = true;
                say($"{plan.Name} has not answered for {StartLimit.TotalSeconds:0} s; its log is {log.File}");
            }

            await Task.Delay(100, gone).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return false;
    }

    private async Task<bool> AnswersAsync(CancellationToken gone)
    {
        try
        {
            return await plan.IsReady(gone);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private async Task EndAsync(Process child)
    {
        child.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await child.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            say($"{plan.Name} did not end within {EndLimit.TotalSeconds:0} s; killing it");
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    private CommandException Failure(int exitCode)
    {
        var tail = log.Tail;
        var failure = new CommandException($"{plan.Name} cannot start ({How(exitCode)}){(tail.Length > 0 ? ":" + Environment.NewLine + tail : "")}{Environment.NewLine}its whole log is {log.File}");
        ready.TrySetException(failure);
        return failure;
    }

    private static string How(int exitCode) => exitCode > 128 ? $"killed by signal {exitCode - 128}" : $"exit code {exitCode}";
}
