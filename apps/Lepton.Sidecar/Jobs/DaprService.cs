using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Jobs;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindJobs(GrpcMethods<DaprService> methods)
    {
        foreach (var version in (ReadOnlySpan<string>)["", "Alpha1"])
        {
            methods.Unary<ScheduleJobRequest, ScheduleJobResponse>("ScheduleJob" + version, static (service, request, _) => service.ScheduleJobAsync(request));
            methods.Unary<GetJobRequest, GetJobResponse>("GetJob" + version, static (service, request, _) => service.GetJob(request));
            methods.Unary<DeleteJobRequest, DeleteJobResponse>("DeleteJob" + version, static (service, request, _) => service.DeleteJobAsync(request));
        }
        methods.Unary<ListJobsRequest, ListJobsResponse>("ListJobs", static (service, _, _) => Task.FromResult(new ListJobsResponse { Jobs = { service.jobs.All() } }));
        methods.Unary<ListJobsRequestAlpha1, ListJobsResponseAlpha1>("ListJobsAlpha1", static (service, _, _) => Task.FromResult(new ListJobsResponseAlpha1 { Jobs = { service.jobs.All() } }));
        methods.Unary<DeleteJobsByPrefixRequest, DeleteJobsByPrefixResponse>("DeleteJobsByPrefix", static async (service, request, _) =>
        {
            await service.jobs.DeleteByPrefixAsync(request.NamePrefix).ConfigureAwait(false);
            return new DeleteJobsByPrefixResponse();
        });
        methods.Unary<DeleteJobsByPrefixRequestAlpha1, DeleteJobsByPrefixResponseAlpha1>("DeleteJobsByPrefixAlpha1", static async (service, request, _) =>
        {
            await service.jobs.DeleteByPrefixAsync(request.NamePrefix).ConfigureAwait(false);
            return new DeleteJobsByPrefixResponseAlpha1();
        });
    }

    private async Task<ScheduleJobResponse> ScheduleJobAsync(ScheduleJobRequest request)
    {
        if (request.Job is { FailurePolicy: null or { Drop: null, Constant: null } }) request.Job.FailurePolicy = JobJson.DefaultPolicy;
        return await jobs.ScheduleAsync(request.Job, request.Overwrite).ConfigureAwait(false) is { } error ? throw error.ToRpc() : new ScheduleJobResponse();
    }

    private Task<GetJobResponse> GetJob(GetJobRequest request) =>
        jobs.Get(request.Name, out var job) is { } error ? throw error.ToRpc() : Task.FromResult(new GetJobResponse { Job = job });

    private async Task<DeleteJobResponse> DeleteJobAsync(DeleteJobRequest request) =>
        await jobs.DeleteAsync(request.Name).ConfigureAwait(false) is { } error ? throw error.ToRpc() : new DeleteJobResponse();
}
