using System.Text;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Storage;

namespace Lepton.Tests.Sidecar.PubSub;

public sealed class ConsumerInboxTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-inbox-");
    private int crash;

    private string State(int number) => Path.Combine(folder.FullName, $"s{number}");

    private static Message Number(int number) => new(Encoding.UTF8.GetBytes($"{number}"), null);

    private static async Task<List<Delivery>> TakeAsync(Inbox inbox, int count)
    {
        var taken = new List<Delivery>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (taken.Count < count) taken.Add(await inbox.Ready.ReadAsync(limit.Token));
        return taken;
    }

    /// <summary>The files as kill -9 would leave them now, in a folder of their own.</summary>
    private string Crash(string state)
    {
        var copy = Directory.CreateDirectory(State(++crash));
        foreach (var file in Directory.GetFiles(state, "runtime.db*")) File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        return copy.FullName;
    }

    [Fact]
    public async Task What_was_done_out_of_order_stays_done_over_crashes_also_while_the_log_is_being_read_again()
    {
        using var first = Database.Open(State(0));
        var broker = new DurableBroker("w", first, TimeProvider.System);
        await broker.PublishAsync("t", [.. Enumerable.Range(1, 900).Select(Number)]);
        var inbox = broker.Open("t", "c", this);
        var all = await TakeAsync(inbox, 900);
        // The first is still with the app, all others are done.
        foreach (var delivery in all.Skip(1)) inbox.Complete(delivery);
        await first.WriteAsync(static _ => true);
        await first.WriteAsync(static _ => true);

        using var second = Database.Open(Crash(State(0)));
        var again = new DurableBroker("w", second, TimeProvider.System).Open("t", "c", this);
        var open = Assert.Single(await TakeAsync(again, 1));
        Assert.Equal(1, open.Number);
        Assert.Equal("1", Encoding.UTF8.GetString(open.Message.Payload.Span));
        again.Complete(open);
        await second.WriteAsync(static _ => true);
        await second.WriteAsync(static _ => true);

        using var third = Database.Open(Crash(State(1)));
        var broker3 = new DurableBroker("w", third, TimeProvider.System);
        var last = broker3.Open("t", "c", this);
        await broker3.PublishAsync("t", [Number(901)]);
        Assert.Equal(901, Assert.Single(await TakeAsync(last, 1)).Number);
    }

    [Theory]
    [InlineData(new long[] { }, "")]
    [InlineData(new long[] { 12, 13, 14, 20 }, "2-4,10")]
    [InlineData(new long[] { 11 }, "1")]
    public void Ranges_are_read_as_they_were_written(long[] numbers, string text)
    {
        Assert.Equal(text, NumberRanges.Write(numbers, 10));
        Assert.Equal(numbers, NumberRanges.Read(text, 10));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
