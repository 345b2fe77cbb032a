using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Net.Client;
using Lepton.Sidecar.Jobs;

namespace Lepton.Tests.Sidecar.Jobs;

public sealed class JobTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-11-24T20:28:36Z", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_job_outlives_a_restart_and_what_was_missed_runs_once()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Memory);
        await run.StartAsync();
        using var made = await run.PostAsync("a", "/v1.0/jobs/tick", """{"schedule":"@every 100ms","dueTime":"50ms","data":{"n":1},"overwrite":true}""");
        Assert.Equal(HttpStatusCode.NoContent, made.StatusCode);
        using var other = await run.PostAsync("a", "/v1.0/jobs/once", """{"dueTime":"50ms"}""");
        // Several runs are due before the app is there and while the runtime is away.
        await run.Runtime.DisposeAsync();
        await Task.Delay(400, Stop);
        await app.StartAsync();
        await run.StartAsync();
        var ticks = await app.ExpectAsync("/job/tick", 2);
        Assert.All(ticks, tick => Assert.Equal("""{"n":1}""", tick.Body));
        await app.ExpectAsync("/job/once", 1);
        await Eventually.HoldsAsync(() => run.Runtime.Jobs.Find("a", "once") is null, "the job that ran is gone");
        using var gone = await run.Http.DeleteAsync(run.Url("a", "/v1.0/jobs/tick"), Stop);
        var caught = app.All("/job/tick").Count;
        Assert.InRange(caught, 2, 12);
        Assert.Single(app.All("/job/once"));
    }

    [Fact]
    public async Task Jobs_are_listed_and_deleted_by_prefix_over_grpc()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        run.Add("b", TestRun.Memory, withApp: false);
        await run.StartAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);
        foreach (var name in (string[])["x-1", "y-1", "x-2"])
            await dapr.ScheduleJobAsync(new ScheduleJobRequest { Job = new Job { Name = name, DueTime = "1h" } }, cancellationToken: Stop);
        using var others = await run.PostAsync("b", "/v1.0/jobs/x-1", """{"dueTime":"1h"}""");
        await dapr.DeleteJobsByPrefixAsync(new DeleteJobsByPrefixRequest { NamePrefix = "x-" }, cancellationToken: Stop);
        var left = await dapr.ListJobsAsync(new ListJobsRequest(), cancellationToken: Stop);
        Assert.Equal(["y-1"], left.Jobs.Select(j => j.Name));
        Assert.NotNull(run.Runtime.Jobs.Find("b", "x-1"));
    }

    [Theory]
    [InlineData("@every 1s", null, 0, 90.5, 91)]
    [InlineData("@every 1s", null, 0, 0.2, 1)]
    [InlineData("0 30 * * * *", null, 84, 84, 3684)]
    [InlineData("0 30 * * * *", null, 84, 4000, 7284)]
    public void The_next_run_is_the_first_that_is_not_missed(string schedule, string? due, int first, double now, int next)
    {
        var job = new Job { Schedule = schedule };
        if (due is not null) job.DueTime = due;
        Assert.Null(JobTimes.Read(job, Now, out var times));
        Assert.Equal(Now.AddSeconds(first), times.First);
        Assert.Equal(Now.AddSeconds(next), times.Next(times.First, Now.AddSeconds(now)));
    }
}
