using Lepton.Cli;
using Lepton.Cli.Checking;
using Lepton.Cli.Ledger;
using Lepton.Contracts.Events;

namespace Lepton.Tests.Cli;

public sealed class CheckerTests : IDisposable
{
    private const string Run = "r20260102030405000";
    private readonly LocalFolder folder = new LocalFolder(Directory.CreateTempSubdirectory("lepton-checker").FullName).Prepare();

    public void Dispose() => Directory.Delete(folder.Root, recursive: true);

    [Fact]
    public void A_killed_checker_remembers_what_it_acknowledged()
    {
        Publish($"{Run}-0-1");
        using (var checker = Begin(Run))
        {
            See(checker, Events.Answer($"{Run}-0-1", "normal", provisional: true));
        }

        System.IO.File.AppendAllText(folder.Journal, "{\"kind\":\"Res");
        using var again = Checker.Continue(folder, Run, [])!;
        See(again, Events.Answer($"{Run}-0-1", "normal", provisional: true));
        See(again, Events.Correction($"{Run}-0-1", "abnormal"));
        var figures = again.Read().Pipelines["beats"];
        Assert.Equal((1, 1, 1, 0, 0), (figures.Events, figures.Escalated, figures.Corrected, figures.Pending, figures.Duplicated));
    }

    [Fact]
    public void Late_results_of_an_earlier_run_are_no_events_of_this_one_but_have_effects()
    {
        using var checker = Begin(Run);
        See(checker, Events.Answer("r20250102030405000-0-1", "normal"));
        See(checker, Events.Answer($"{Run}-0-1", "normal"));
        See(checker, Events.Answer("hand-made", "normal"));
        Assert.Equal(2, checker.Read().Pipelines["beats"].Events);
        Assert.Equal(3, checker.Effects().Devices[("beats", Events.Device)]);
    }

    [Fact]
    public void A_new_run_begins_with_the_names_that_the_last_one_knew()
    {
        using (var checker = Begin(Run))
        {
            See(checker, Events.Answer("1", "normal"));
        }

        Assert.Null(Checker.Continue(folder, "r20260102030405001", []));
        Assert.Equal([Events.Device], Journal.NamesIn(folder.Journal).Devices);
    }

    [Fact]
    public void The_ledger_of_another_run_is_not_counted()
    {
        Publish("old", "r20250102030405000");
        using var checker = Begin(Run);
        Assert.Empty(checker.Read().Pipelines);
    }

    private Checker Begin(string run) => Checker.Begin(folder, [], new JournalHead(run, new Dictionary<string, Dictionary<string, long>>(), new Dictionary<string, long>()));

    private void Publish(string id, string run = Run)
    {
        using var ledger = LedgerWriter.Open(Path.Combine(folder.Ledger, "beats.jsonl"), new LedgerHead(run, "beats", Events.Start));
        ledger.Append(Events.Published(id));
    }

    private static void See(Checker checker, Result result) => checker.See([(Events.Seen(result), result)]);
}
