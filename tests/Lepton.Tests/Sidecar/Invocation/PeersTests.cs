using Lepton.Sidecar.Invocation;

namespace Lepton.Tests.Sidecar.Invocation;

public sealed class PeersTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-peers-").FullName;

    [Fact]
    public void Hosts_find_each_other_by_app_id_until_they_end()
    {
        using var caller = new Peers(folder);
        Assert.Null(caller.Find("orders"));
        using (var callee = new Peers(folder))
        {
            callee.Register("orders", new Peer(4711, IsGrpc: false));
            callee.Register("orders/eu@1", new Peer(4712, IsGrpc: true));
            Assert.Equal(new Peer(4711, false), caller.Find("orders"));
            Assert.Equal(new Peer(4712, true), caller.Find("orders/eu@1"));
            Assert.Null(caller.Find("order"));
        }
        using var later = new Peers(folder);
        Assert.Null(later.Find("orders"));
        Assert.Empty(Directory.EnumerateFiles(folder));
    }

    [Fact]
    public void What_a_killed_host_left_belongs_to_nobody_and_is_taken_away()
    {
        File.WriteAllText(Path.Combine(folder, "orders@4711@http"), "");
        using var caller = new Peers(folder);
        Assert.Null(caller.Find("orders"));
        Assert.Empty(Directory.EnumerateFiles(folder));
    }

    [Fact]
    public void Of_two_hosts_with_one_id_the_later_is_called_and_after_its_end_the_other()
    {
        using var caller = new Peers(folder);
        using var first = new Peers(folder);
        first.Register("orders", new Peer(1, IsGrpc: false));
        using (var second = new Peers(folder))
        {
            second.Register("orders", new Peer(2, IsGrpc: false));
            File.SetLastWriteTimeUtc(Path.Combine(folder, "orders@1@http"), DateTime.UtcNow.AddMinutes(-1));
            Assert.Equal(2, caller.Find("orders")?.Port);
        }
        Assert.Equal(1, caller.FindAgain("orders")?.Port);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
