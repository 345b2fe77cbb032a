using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Planning;

namespace Lepton.Cli.Planning;

internal static class PlanCommand
{
    private const string Queueing = "queueing";
    private const string Share = "share";

    public static Command Create()
    {
        var file = new Argument<string>("plan.yaml") { Description = "a file with one `kind: Plan` document" };
        var model = new Option<string>("--model")
        {
            Description = "queueing: cores and bandwidth that meet the objectives; share: the textbook's smallest share of the edge",
            DefaultValueFactory = _ => Queueing,
            HelpName = "queueing|share",
        }.AcceptOnlyFromAmong(Queueing, Share);
        var simulate = new Option<bool>("--simulate") { Description = "runs the plan event by event and checks its objectives; exit code 1 when one is missed" };
        var seed = new Option<int>("--seed") { Description = "seed of the simulation", DefaultValueFactory = _ => 1 };
        var output = Shared.Output();
        var command = new Command("plan", "says how many cores and how much bandwidth a set of sites needs") { file, model, simulate, seed, output };
        command.SetAction(parsed =>
        {
            var share = parsed.GetValue(model) == Share;
            if (share && parsed.GetValue(simulate))
            {
                throw CommandException.Misused("--simulate runs the queues of the queueing model, and the share model has none; leave one of the two out");
            }

            var plan = Read(parsed.GetValue(file)!);
            var report = share ? SolveShare(plan) : SolveQueueing(plan, parsed.GetValue(simulate) ? parsed.GetValue(seed) : null);
            Write(report, plan, parsed.GetValue(output) == "json", parsed.InvocationConfiguration);
            return report.Error is null && report.Simulation is null or { LocalMet: true, EscalatedMet: true } ? 0 : CommandException.Failed;
        });
        return command;
    }

    private static Plan Read(string file)
    {
        if (!File.Exists(file))
        {
            throw CommandException.Misused($"there is no file '{file}'; name a file with one `kind: Plan` document");
        }

        var faults = new List<Fault>();
        return PlanReader.Read(file, File.ReadAllText(file), faults) ?? throw new FaultyResourceException(faults);
    }

    private static PlanReport SolveQueueing(Plan plan, int? seed)
    {
        var input = plan.Queueing ?? throw new CommandException($"plan '{plan.Name}' has no `spec.queueing`; add it, or ask for --model share");
        var error = QueueingSolver.Solve(input, out var solved);
        return new(plan.Name, Queueing)
        {
            Error = error,
            Queueing = solved,
            Simulation = solved is not null && seed is { } seeded ? PlanSimulation.Run(input, solved, seed: seeded) : null,
        };
    }

    private static PlanReport SolveShare(Plan plan)
    {
        var input = plan.Share ?? throw new CommandException($"plan '{plan.Name}' has no `spec.share`; add it, or leave out --model share");
        return new(plan.Name, Share) { Error = ShareSolver.Solve(input, out var solved), Share = solved };
    }

    private static void Write(PlanReport report, Plan plan, bool json, InvocationConfiguration console)
    {
        if (json)
        {
            console.Output.WriteLine(JsonSerializer.Serialize(report, PlanningJson.Default.PlanReport));
            return;
        }

        if (report.Error is { } error)
        {
            console.Error.WriteLine($"lepton: plan '{plan.Name}' has no answer: {error.Code}: {error.Message}");
        }

        foreach (var line in report.Queueing is { } queueing ? PlanText.Of(plan.Queueing!, queueing, report.Simulation) : report.Share is { } share ? PlanText.Of(share) : [])
        {
            console.Output.WriteLine(line);
        }
    }
}
