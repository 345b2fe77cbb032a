using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Locks;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindLocks(GrpcMethods<DaprService> methods)
    {
        methods.Unary<TryLockRequest, TryLockResponse>("TryLockAlpha1", static (service, request, _) => service.TryLockAsync(request));
        methods.Unary<UnlockRequest, UnlockResponse>("UnlockAlpha1", static (service, request, _) => service.UnlockAsync(request));
    }

    private async Task<TryLockResponse> TryLockAsync(TryLockRequest request)
    {
        var (taken, error) = await locks.TryLockAsync(request.StoreName, request.ResourceId, request.LockOwner, request.ExpiryInSeconds).ConfigureAwait(false);
        return error is null ? new TryLockResponse { Success = taken } : throw error.ToRpc();
    }

    private async Task<UnlockResponse> UnlockAsync(UnlockRequest request)
    {
        var (status, error) = await locks.UnlockAsync(request.StoreName, request.ResourceId, request.LockOwner).ConfigureAwait(false);
        if (error is not null) throw error.ToRpc();
        return new UnlockResponse
        {
            Status = status switch
            {
                Unlocked.Success => UnlockResponse.Types.Status.Success,
                Unlocked.DoesNotExist => UnlockResponse.Types.Status.LockDoesNotExist,
                _ => UnlockResponse.Types.Status.LockBelongsToOthers,
            },
        };
    }
}
