using System.CommandLine;
using Lepton.Cli.Pipelines;
using Lepton.Cli.Supervision;

namespace Lepton.Cli.Commands;

internal static class UpCommand
{
    public static Command Create()
    {
        var feeds = new FeedSwitches();
        var file = Shared.RunFile();
        var length = Shared.Duration("--for", "how long events flow; until Ctrl-C without it");
        var drain = Shared.Duration("--drain", "how long the last events may take to their last word (default 2m)");
        var cut = Shared.Duration("--cut-uplink-at", "cuts the way to the tier above this long after events began to flow");
        var restore = Shared.Duration("--restore-at", "restores it this long after events began to flow");
        var failed = new Option<string?>("--failed-delivery") { Description = "as-daprd: a failed delivery without a policy is lost, as daprd's Redis component has it" }.AcceptOnlyFromAmong("as-daprd");
        var page = Shared.Port("--page-port", 8600, "port of the page");
        var control = Shared.Port("--control-port", 3600, "port of the runtime's control API");
        var output = Shared.Output();
        var command = new Command("up", "runs the whole of Lepton on this machine: runtime, nodes, devices and checker") { file, length, drain, cut, restore, failed, page, control, output };
        feeds.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var interrupt = new Interrupt();
            using var session = new UpSession(
                new UpOptions
                {
                    Feeds = feeds.Read(parsed),
                    File = parsed.GetValue(file)!,
                    For = parsed.GetValue(length),
                    Drain = parsed.GetValue(drain) ?? TimeSpan.FromMinutes(2),
                    CutUplinkAt = parsed.GetValue(cut),
                    RestoreAt = parsed.GetValue(restore),
                    FailedDelivery = parsed.GetValue(failed),
                    Json = parsed.GetValue(output) == "json",
                    PagePort = parsed.GetValue(page),
                    ControlPort = parsed.GetValue(control),
                },
                PipelineCatalog.Load());
            return await session.RunAsync(interrupt);
        });
        return command;
    }
}
