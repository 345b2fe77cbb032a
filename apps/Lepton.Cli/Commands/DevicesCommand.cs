using System.CommandLine;
using Lepton.Cli.Checking;
using Lepton.Cli.Devices;
using Lepton.Cli.Pipelines;
using Lepton.Cli.Supervision;

namespace Lepton.Cli.Commands;

internal static class DevicesCommand
{
    public static Command Create()
    {
        var feeds = new FeedSwitches();
        var command = new Command("devices", "publishes the events of all pipelines, as the app lepton-devices beside its sidecar");
        feeds.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var interrupt = new Interrupt();
            var options = feeds.Read(parsed);
            return await DevicesApp.RunAsync(options.Resolve(PipelineCatalog.Load()), options.Seed, LocalFolder.Current().Prepare(), interrupt.Soon);
        });
        return command;
    }
}

internal static class CheckerCommand
{
    public static Command Create()
    {
        var command = new Command("checker", "compares results with what was published, as the app lepton-checker beside its sidecar");
        command.SetAction(async (_, _) =>
        {
            using var interrupt = new Interrupt();
            return await CheckerApp.RunAsync(PipelineCatalog.Load().All, LocalFolder.Current().Prepare(), interrupt.Soon);
        });
        return command;
    }
}
