using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;

namespace Lepton.Sidecar.Jobs;

/// <summary>How an app met a run of its job.</summary>
internal enum JobOutcome
{
    /// <summary>Done.</summary>
    Taken,

    /// <summary>The app does not know the job: it counts as failed, but trying again would not mend it.</summary>
    Refused,

    /// <summary>To be tried again by the policy.</summary>
    Failed,

    /// <summary>Nobody listens on the app's port.</summary>
    Away,
}

/// <summary>An app whose jobs are run, over HTTP or gRPC.</summary>
internal sealed class JobApp
{
    private readonly VirtualSidecar sidecar;

    internal JobApp(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        sidecar.WhenAppHealthy(_ =>
        {
            Ready = sidecar.App.Exists;
            if (Ready) BecameReady?.Invoke();
            return Task.CompletedTask;
        });
        sidecar.WhenAppUnhealthy(() =>
        {
            Ready = false;
            return Task.CompletedTask;
        });
    }

    internal event Action? BecameReady;

    internal string Id => sidecar.AppId;

    internal bool Ready { get; private set; }

    internal async Task<JobOutcome> CallAsync(Job job)
    {
        try
        {
            return sidecar.App.IsGrpc ? await CallGrpcAsync(job).ConfigureAwait(false) : await PostAsync(job).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or RpcException or OperationCanceledException or ObjectDisposedException)
        {
            return AppChannel.IsAway(fault) ? JobOutcome.Away : JobOutcome.Failed;
        }
    }

    private async Task<JobOutcome> PostAsync(Job job)
    {
        using var request = sidecar.App.Request(HttpMethod.Post, "/job/" + InvocationPath.Escape(job.Name));
        request.Content = new ByteArrayContent(JobData.Body(job.Data));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var answer = await sidecar.App.SendAsync(request, sidecar.Stopping).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? JobOutcome.Taken : answer.StatusCode == HttpStatusCode.NotFound ? JobOutcome.Refused : JobOutcome.Failed;
    }

    private async Task<JobOutcome> CallGrpcAsync(Job job)
    {
        var request = new JobEventRequest
        {
            Name = job.Name,
            Data = job.Data,
            Method = "job/" + job.Name,
            ContentType = job.Data?.TypeUrl ?? "",
            HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Post },
        };
        try
        {
            await sidecar.App.CallAsync(AppMethods.OnJobEvent, request, [], sidecar.Stopping).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.Unimplemented)
        {
            await sidecar.App.CallAsync(AppMethods.OnJobEventAlpha1, request, [], sidecar.Stopping).ConfigureAwait(false);
        }
        return JobOutcome.Taken;
    }
}
