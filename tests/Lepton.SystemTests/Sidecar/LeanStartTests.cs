namespace Lepton.SystemTests.Sidecar;

/// <summary>What an idle host does not need is not in its memory.</summary>
public sealed class LeanStartTests
{
    [Fact]
    public async Task An_idle_host_has_not_loaded_OpenSSL()
    {
        using var sidecar = new SidecarProcess();
        await sidecar.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(sidecar.HasLoaded("libe_sqlite3"));
        Assert.False(sidecar.HasLoaded("libcrypto"), "something on the way to ready uses System.Security.Cryptography, whose native library costs 5 MB and some of the start");
    }
}
