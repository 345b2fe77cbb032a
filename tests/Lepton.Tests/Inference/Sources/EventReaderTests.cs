using System.Text;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Sources;

namespace Lepton.Tests.Inference.Sources;

public sealed class EventReaderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Simulated_patients_run_side_by_side_and_again_with_new_ids()
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline(Beats("{reader: ecg-simulator, patients: 3, length: 20s}"), "{step: take}");
        var twice = await Take(EventReader.Open(pipeline, new ReadRequest { Start = Start, Seed = 4, Repeat = true }, folder.Faults)!, 160);
        var once = await Take(EventReader.Open(pipeline, new ReadRequest { Start = Start, Seed = 4 }, folder.Faults)!, 160);
        Assert.InRange(once.Count, 40, 120);
        Assert.Equal(160, twice.Count);
        Assert.Equal(once.Select(e => (e.Device, e.Id, e.Truth)), twice.Take(once.Count).Select(e => (e.Device, e.Id, e.Truth)));
        Assert.Equal(160, twice.DistinctBy(e => (e.Device, e.Id)).Count());
        Assert.Equal(3, once.Select(e => e.Device).Distinct().Count());
        Assert.Equal(twice.Select(e => e.Time).Order(), twice.Select(e => e.Time));
        Assert.All(once, e => Assert.NotNull(EventInput.Read(pipeline, e.Device, e.ContentType, e.Data, null, out _)));
        Assert.Contains(once, e => e.Truth == "normal");
    }

    [Fact]
    public async Task The_run_is_part_of_every_id()
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline(Beats("{reader: ecg-simulator, patients: 1, length: 20s}"), "{step: take}");
        var first = await Take(EventReader.Open(pipeline, new ReadRequest { Start = Start, Run = "a" }, folder.Faults)!, 5);
        var second = await Take(EventReader.Open(pipeline, new ReadRequest { Start = Start, Run = "b" }, folder.Faults)!, 5);
        Assert.Empty(first.Select(e => e.Id).Intersect(second.Select(e => e.Id)));
    }

    [Fact]
    public async Task Rows_of_a_table_become_events()
    {
        using var folder = new ResourceFolder();
        File.WriteAllText(Path.Combine(folder.Path, "rows.csv"), "id,\"speed, rpm\",load,failed\n7,1500,0.5,0\n8,\"1,600\",0.7,1\n\n9,1700,1e-1,2\n");
        var pipeline = folder.Pipeline("""{kind: series, values: ["speed, rpm", load], replay: [{reader: csv, path: rows.csv, device: id, truth: failed, labels: {"0": ok, "1": failure}, every: 2s}]}""", "{step: values}");
        var reader = EventReader.Open(pipeline, new ReadRequest { Start = Start }, folder.Faults);
        Assert.True(reader is not null, string.Join('\n', folder.Faults));
        var events = await Take(reader, 10);
        Assert.Equal(["urn:lepton:device:machine-7", "urn:lepton:device:machine-8", "urn:lepton:device:machine-9"], events.Select(e => e.Device));
        Assert.Equal(["ok", "failure", "2"], events.Select(e => e.Truth));
        Assert.Equal("""{"values":{"speed, rpm":1500,"load":0.5}}""", Encoding.UTF8.GetString(events[0].Data.Span));
        Assert.Equal(Start.AddSeconds(4), events[2].Time);
        // "1,600" is no number: the event says so by leaving it out, and the node refuses it with the value's name.
        Assert.Null(EventInput.Read(pipeline, events[1].Device, events[1].ContentType, events[1].Data, null, out var problem));
        Assert.Contains("value 'speed, rpm' is missing", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{reader: mitbd, path: x}", "'mitbd'", "use one of csv, ")]
    [InlineData("{reader: csv, path: rows.csv}", "no column 'load'", "speed")]
    [InlineData("{reader: csv, path: rows.csv, truht: failed}", "truht", "did you mean `truth`?")]
    [InlineData("{reader: mitdb, path: absent}", "none of the sources", "LEPTON_DATA")]
    public void What_cannot_be_read_is_a_fault_with_a_cure(string replay, string problem, string cure)
    {
        using var folder = new ResourceFolder();
        File.WriteAllText(Path.Combine(folder.Path, "rows.csv"), "speed\n1\n");
        var pipeline = folder.Pipeline($"{{kind: series, values: [speed, load], replay: [{replay}]}}", "{step: values}");
        Assert.Null(EventReader.Open(pipeline, new ReadRequest { Start = Start }, folder.Faults));
        Assert.Contains(folder.Faults, fault => fault.Problem.Contains(problem, StringComparison.Ordinal) && fault.Cure.Contains(cure, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_user_asks_for_goes_to_the_reader_that_takes_it()
    {
        using var folder = new ResourceFolder();
        File.WriteAllText(Path.Combine(folder.Path, "other.csv"), "load\n1\n");
        var pipeline = folder.Pipeline("{kind: series, values: [load], replay: [{reader: csv, path: rows.csv}, {reader: ecg-simulator}]}", "{step: values}");
        var request = new ReadRequest { Start = Start };
        Assert.Contains("simulated", EventReader.Open(pipeline, request, folder.Faults)!.Description, StringComparison.Ordinal);
        Assert.Contains("other.csv", EventReader.Open(pipeline, request with { Input = Path.Combine(folder.Path, "other.csv") }, folder.Faults)!.Description, StringComparison.Ordinal);
        Assert.Null(EventReader.Open(pipeline, request with { Input = "absent.csv" }, folder.Faults));
        Assert.Contains("can't read 'absent.csv'", Assert.Single(folder.Faults).Problem, StringComparison.Ordinal);
    }

    private static string Beats(string replay) =>
        $"{{kind: series, signals: {{lead1: 288, lead2: 288}}, values: [at, rrPrevious, rrNext, rrBefore, rrLocal, rrMean, rrSpread], replay: [{replay}]}}";

    private static async Task<List<SourceEvent>> Take(EventReader reader, int count)
    {
        var events = new List<SourceEvent>();
        await foreach (var next in reader.Read(TestContext.Current.CancellationToken))
        {
            events.Add(next);
            if (events.Count == count)
            {
                break;
            }
        }
        return events;
    }
}
