using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Jobs;

/// <summary>The jobs API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class JobApi
{
    private readonly VirtualSidecar sidecar;
    private readonly JobScheduler scheduler;

    internal JobApi(VirtualSidecar sidecar)
    {
        (this.sidecar, scheduler) = (sidecar, sidecar.Runtime.Jobs);
        scheduler.Add(new JobApp(sidecar));
    }

    internal ApiError NamedTwice => new(400, "DAPR_SCHEDULER_JOB_NAME", "Set the job name in the url only", StatusCode.InvalidArgument)
    {
        Reason = "DAPR_SCHEDULER_JOB_NAME",
        Metadata = new Dictionary<string, string> { ["appID"] = sidecar.AppId },
    };

    internal async Task<ApiError?> ScheduleAsync(Job? job, bool overwrite)
    {
        if (job is null) return Error(400, "DAPR_SCHEDULER_JOB_EMPTY", "Job is empty", StatusCode.InvalidArgument);
        if (job.Name.Length == 0) return NameEmpty;
        if (job is { HasSchedule: false, HasDueTime: false }) return Error(400, "DAPR_SCHEDULER_SCHEDULE_EMPTY", "Schedule is empty", StatusCode.InvalidArgument);
        if (NameFault(job.Name) is { } badName) return Error(500, "DAPR_SCHEDULER_SCHEDULE_JOB", "failed to schedule job due to: " + badName, StatusCode.Internal);
        try
        {
            if (await scheduler.ScheduleAsync(sidecar.AppId, job, overwrite).ConfigureAwait(false) is not var (fault, exists)) return null;
            const string Failed = "failed to schedule job due to: rpc error: code = ";
            return exists
                ? Error(409, "DAPR_SCHEDULER_SCHEDULE_JOB", $"{Failed}AlreadyExists desc = job already exists: 'app||{VirtualSidecar.Namespace}||{sidecar.AppId}||{job.Name}'", StatusCode.AlreadyExists)
                : Error(500, "DAPR_SCHEDULER_SCHEDULE_JOB", $"{Failed}Unknown desc = job failed validation: {fault}", StatusCode.Internal);
        }
        catch (StorageException fault)
        {
            return Error(500, "DAPR_SCHEDULER_SCHEDULE_JOB", $"failed to schedule job due to: {fault.Message}", StatusCode.Internal);
        }
    }

    internal ApiError? Get(string name, out Job job)
    {
        job = scheduler.Find(sidecar.AppId, name)!;
        if (name.Length == 0) return NameEmpty;
        if (NameFault(name) is { } badName) return Error(500, "DAPR_SCHEDULER_GET_JOB", "failed to get job due to: " + badName, StatusCode.Internal);
        return job is null ? Error(500, "DAPR_SCHEDULER_GET_JOB", $"failed to get job due to: rpc error: code = NotFound desc = job not found: {name}", StatusCode.Internal) : null;
    }

    internal IEnumerable<Job> All() => scheduler.All(sidecar.AppId);

    internal async Task<ApiError?> DeleteAsync(string name)
    {
        if (name.Length == 0) return NameEmpty;
        if (NameFault(name) is { } badName) return Error(500, "DAPR_SCHEDULER_DELETE_JOB", "failed to delete job due to: " + badName, StatusCode.Internal);
        try
        {
            await scheduler.RemoveAsync(sidecar.AppId, name).ConfigureAwait(false);
            return null;
        }
        catch (StorageException fault)
        {
            return Error(500, "DAPR_SCHEDULER_DELETE_JOB", $"failed to delete job due to: {fault.Message}", StatusCode.Internal);
        }
    }

    internal Task DeleteByPrefixAsync(string prefix) => scheduler.RemoveByPrefixAsync(sidecar.AppId, prefix);

    /// <summary>What the scheduler takes no name with: it would mean something in a key or in the path of the app's route.</summary>
    private static string? NameFault(string name) =>
        name.Length > LongestName || name.AsSpan().ContainsAny("#?/\\") || name.Any(char.IsControl) ? $"rpc error: code = Unknown desc = job name is invalid \"{InvocationPath.Quote(name)}\"" : null;

    private const int LongestName = 512;

    private ApiError NameEmpty => Error(400, "DAPR_SCHEDULER_JOB_NAME_EMPTY", "Name is empty", StatusCode.InvalidArgument);

    private ApiError Error(int status, string reason, string message, StatusCode code) => new(status, reason, message, code)
    {
        Reason = reason,
        Metadata = new Dictionary<string, string> { ["appID"] = sidecar.AppId, ["namespace"] = VirtualSidecar.Namespace },
    };
}
