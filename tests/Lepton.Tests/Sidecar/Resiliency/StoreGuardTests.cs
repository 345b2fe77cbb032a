using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Storage;

namespace Lepton.Tests.Sidecar.Resiliency;

public sealed class StoreGuardTests
{
    private static Guard Twice => new(null, new RetryPolicy { Pause = TimeSpan.Zero, MaxRetries = 2 }, null, TimeProvider.System);

    [Fact]
    public async Task A_write_that_failed_is_made_again_as_often_as_the_policy_says()
    {
        var made = 0;
        await Twice.WriteAsync(() => ++made < 3 ? Task.FromException(new StorageException("full")) : Task.CompletedTask);
        Assert.Equal(3, made);
        made = 0;
        var fault = await Assert.ThrowsAsync<StorageException>(() => Twice.WriteAsync(() => Task.FromException(new StorageException($"full {++made}"))));
        Assert.Equal("full 3", fault.Message);
    }

    [Fact]
    public async Task A_refused_write_is_an_answer_and_a_slow_one_times_out()
    {
        var made = 0;
        await Assert.ThrowsAsync<StateConflictException>(() => Twice.WriteAsync(() =>
        {
            made++;
            return Task.FromException(new StateConflictException("etag"));
        }));
        Assert.Equal(1, made);
        var slow = new Guard(TimeSpan.FromMilliseconds(20), null, null, TimeProvider.System);
        var late = await Assert.ThrowsAsync<StorageException>(() => slow.WriteAsync(() => Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken)));
        Assert.Equal("context deadline exceeded", late.Message);
    }
}
