using Lepton.Cli.Ledger;

namespace Lepton.Tests.Cli;

public sealed class LedgerTests : IDisposable
{
    private static readonly LedgerHead Head = new("r1", "beats", Events.Start);

    private readonly string folder = Directory.CreateTempSubdirectory("lepton-ledger").FullName;

    private string File => Path.Combine(folder, "beats.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_reopened_ledger_goes_on_behind_what_was_acknowledged()
    {
        using (var ledger = LedgerWriter.Open(File, Head))
        {
            foreach (var position in (long[])[0, 1, 3])
            {
                ledger.Append(Events.Published($"{position}", position: position));
            }
        }

        using var again = LedgerWriter.Open(File, Head with { Start = Events.Start.AddHours(1) });
        Assert.Equal(2, again.Next);
        Assert.Equal([true, true, false, true, false], Enumerable.Range(0, 5).Select(position => again.Holds(position)));
        Assert.Equal(Events.Start, again.Head.Start);
    }

    [Fact]
    public void A_line_torn_by_a_crash_is_sent_again_and_spoils_nothing()
    {
        using (var ledger = LedgerWriter.Open(File, Head))
        {
            ledger.Append(Events.Published("0"));
        }

        System.IO.File.AppendAllText(File, "{\"position\":1,\"dev");
        using (var again = LedgerWriter.Open(File, Head))
        {
            Assert.Equal(1, again.Next);
            again.Append(Events.Published("1", position: 1));
        }

        Assert.Equal(["0", "1"], new LedgerTail(File).ReadNew().Select(line => line.Id));
    }

    [Fact]
    public void Another_run_begins_anew_and_its_readers_notice()
    {
        using (var ledger = LedgerWriter.Open(File, Head))
        {
            ledger.Append(Events.Published("0"));
        }

        var tail = new LedgerTail(File);
        Assert.Single(tail.ReadNew());
        using var next = LedgerWriter.Open(File, Head with { Run = "r2" });
        next.Append(Events.Published("0"));
        next.Append(Events.Published("1", position: 1));
        Assert.Equal(2, tail.ReadNew().Count());
        Assert.Equal("r2", tail.Head?.Run);
    }

    [Fact]
    public void A_reader_gets_each_line_once_while_the_file_grows()
    {
        using var ledger = LedgerWriter.Open(File, Head);
        var tail = new LedgerTail(File);
        Assert.Empty(tail.ReadNew());
        ledger.Append(Events.Published("0", truth: "normal"));
        Assert.Equal("normal", Assert.Single(tail.ReadNew()).Truth);
        Assert.Empty(tail.ReadNew());
    }
}
