using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference.Sources;

namespace Lepton.SystemTests.Node;

public sealed class FilesAloneTests
{
    [Fact]
    public async Task A_pipeline_of_a_user_needs_a_YAML_a_model_and_a_table_of_events()
    {
        await using var lab = await Lab.StartAsync(resources =>
        {
            GaugeFiles.Write(resources, name: "pump-pressure");
            var file = Path.Combine(resources, "pipelines", "pump-pressure.yaml");
            File.WriteAllText(file, File.ReadAllText(file).Replace("    signals: {wave: 4}\n", "", StringComparison.Ordinal).Replace("  twin: {baseline: {signals: [wave], window: 10s, at: at}}\n", "", StringComparison.Ordinal)
                .Replace("values: [x, truth, at]", "values: [x, truth, at]\n    replay: [{reader: csv, path: pumps.csv, device: pump, truth: state}]", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(resources, "pipelines", "pumps.csv"), "pump,x,truth,at,state\nA,3,1,0,high\nA,0.2,-1,1,low\nB,-4,-1,2,low\n");
        });
        var path = Path.Combine(lab.Resources, "pipelines", "pump-pressure.yaml");
        var faults = new List<Fault>();
        var pipeline = PipelineReader.Read(path, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), faults)[0];
        var reader = EventReader.Open(pipeline, new ReadRequest { Start = DateTimeOffset.UtcNow }, faults);
        Assert.Empty(faults);
        var labels = new List<string>();
        await foreach (var read in reader!.Read(TestContext.Current.CancellationToken))
        {
            await lab.PublishAsync("pump-pressure", new CloudEvent { Id = read.Id, Source = read.Device, Type = EventTypes.Event, Time = read.Time, DataContentType = read.ContentType, Data = read.Data }.ToJson());
            var subject = EventKey.Subject("pump-pressure", EventKey.Of(read.Device, read.Id));
            var first = await lab.Checker.WaitAsync(subject, 1);
            var last = first.Status == Result.Final ? first : await lab.Checker.WaitAsync(subject, 2);
            labels.Add(last.Answer!.Label!);
            Assert.Equal(read.Truth, last.Answer.Label);
        }

        Assert.Equal(["high", "low", "low"], labels);
    }
}
