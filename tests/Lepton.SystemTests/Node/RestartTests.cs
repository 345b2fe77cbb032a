using Lepton.Contracts.Events;

namespace Lepton.SystemTests.Node;

public sealed class RestartTests
{
    [Fact]
    public async Task Events_survive_a_restart_of_the_runtime_and_of_the_node_and_count_once()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        const int Events = 60;
        for (var i = 0; i < Events; i++)
        {
            await lab.PublishAsync("gauge", "urn:gauge:1", i.ToString(), GaugeFiles.Reading(i % 3 == 0 ? 0.1 : 3, i % 2 == 0 ? 1 : -1, i));
            if (i == 20)
            {
                await lab.StopRuntimeAsync();
                await lab.StartRuntimeAsync();
            }
            else if (i == 40)
            {
                await lab.StopNodeAsync("edge");
                await lab.StartNodeAsync("edge");
            }
        }

        for (var i = 0; i < Events; i++)
        {
            await lab.Checker.WaitAsync(EventKey.Subject("gauge", EventKey.Of("urn:gauge:1", i.ToString())), i % 3 == 0 ? 2 : 1);
        }

        // One content for each revision, however often it was published; one effect on gate and twin.
        var contents = lab.Checker.Results.Select(result => (result.Id, result.DecidedAt, result.Answer?.Label)).Distinct();
        Assert.DoesNotContain(contents.GroupBy(content => content.Id), revision => revision.Count() > 1);
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("endings").GetInt64() == Lab.Labels + 20, "the gate has counted each verdict once");
        var page = (await lab.ReadAsync("v1/twins/urn:gauge:1")).GetProperty("pipelines").GetProperty("gauge");
        Assert.Equal(Events, page.GetProperty("events").GetInt64());
        Assert.True(page.GetProperty("baselineFrozen").GetBoolean());
    }
}
