using Lepton.Decisions.Labels;

namespace Lepton.Tests.Decisions.Labels;

public sealed class SaltTests
{
    [Fact]
    public void The_hash_is_SipHash_2_4()
    {
        // The vector of the algorithm's own paper: key 00..0f, message 00..0e.
        byte[] message = [.. Enumerable.Range(0, 15).Select(i => (byte)i)];
        Assert.Equal(0xa129ca6149be45e5, SipHash.Hash(0x0706050403020100, 0x0f0e0d0c0b0a0908, message));
    }

    [Fact]
    public void The_coin_is_fair_and_falls_the_same_way_again()
    {
        var salt = new Salt("secret");
        var chosen = Enumerable.Range(0, 100_000).Count(i => Salt.Share(salt.HashOf($"event-{i}"), Draw.Shadow) < 0.05);
        Assert.InRange(chosen, 4750, 5250);
        Assert.Equal(salt.HashOf("event-1"), new Salt("secret").HashOf("event-1"));
        Assert.NotEqual(salt.HashOf("event-1"), new Salt("other").HashOf("event-1"));
    }

    [Fact]
    public void Different_draws_of_one_event_are_independent()
    {
        var salt = new Salt("secret");
        var both = Enumerable.Range(0, 40_000).Select(i => salt.HashOf($"{i}")).Count(hash => Salt.Share(hash, Draw.Shadow) < 0.5 && Salt.Share(hash, Draw.Training) < 0.5);
        Assert.InRange(both, 9700, 10_300);
    }

    [Fact]
    public void Ids_of_any_length_and_script_are_hashed()
    {
        var salt = new Salt("secret");
        string[] ids = ["", "ä", "事件", new string('x', 10_000), new string('x', 10_001)];
        Assert.Equal(ids.Length, ids.Select(id => salt.HashOf(id)).Distinct().Count());
    }

    [Fact]
    public void Calibration_labels_are_trained_on_only_by_the_share_left_to_training()
    {
        ulong[] hashes = [.. Enumerable.Range(0, 10_000).Select(i => new Salt("s").HashOf($"{i}"))];
        Assert.DoesNotContain(hashes, hash => Use.MayTrain(hash, Designation.Shadow, 0));
        Assert.InRange(hashes.Count(hash => Use.MayTrain(hash, Designation.Shadow, 0.5)), 4800, 5200);
        Assert.All(hashes, hash => Assert.True(Use.MayTrain(hash, Designation.None, 0)));
    }
}
