using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Jobs;

/// <summary>Jobs over HTTP.</summary>
internal static class JobRoutes
{
    internal static void MapJobs(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, JobApi api)
    {
        foreach (var version in (ReadOnlySpan<string>)["v1.0", "v1.0-alpha1"])
        {
            routes.MapPost($"/{version}/jobs/{{name}}", (RequestDelegate)(context => ScheduleAsync(context, sidecar, api)));
            routes.MapGet($"/{version}/jobs/{{name}}", (RequestDelegate)(context => Get(context, api)));
            routes.MapDelete($"/{version}/jobs/{{name}}", (RequestDelegate)(context => DeleteAsync(context, api)));
        }
    }

    private static async Task ScheduleAsync(HttpContext context, VirtualSidecar sidecar, JobApi api)
    {
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        if (body.TooLarge)
        {
            await Answer.Error(context, 400, "ERR_BODY_READ", "failed to read request body: stream too large").ConfigureAwait(false);
            return;
        }
        (Job Job, bool Overwrite, bool Named) read;
        try
        {
            read = JobJson.Read(body.Bytes);
        }
        catch (JsonException fault)
        {
            await Answer.Error(context, 400, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {fault.Message}").ConfigureAwait(false);
            return;
        }
        read.Job.Name = RawPath.Segment(context, 2).Trim();
        var error = read.Named ? api.NamedTwice : await api.ScheduleAsync(read.Job, read.Overwrite).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static Task Get(HttpContext context, JobApi api) =>
        api.Get(RawPath.Segment(context, 2), out var job) is { } error ? error.WriteAsync(context)
        : JobData.Fault(job.Data) is { } fault ? Answer.Error(context, 500, "ERR_INTERNAL", "failed to encode response as JSON: " + fault)
        : Answer.Write(context, 200, json => JobJson.Write(json, job));

    private static async Task DeleteAsync(HttpContext context, JobApi api)
    {
        var error = await api.DeleteAsync(RawPath.Segment(context, 2)).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }
}
