namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>A step of a program. <paramref name="Do"/> says which; the rest means what that step makes of it.</summary>
public sealed record Step(string Do, int Number = 0, string Name = "", Step[]? Body = null);

/// <summary>A program and how far it is. <paramref name="Key"/> names it; each effect's idempotency key begins with it.</summary>
public sealed record Play(string Key, long Sum, int At, Step[] Steps);

/// <summary>What an activity is asked for.</summary>
public sealed record Deed(string Key, int Number)
{
    /// <summary>What doing it gives, whoever does it and however often.</summary>
    internal long Value => Mix(Number, Key.Aggregate(17L, static (hash, letter) => Mix(hash, letter)));

    internal static long Mix(long sum, long value) => unchecked((sum * 31 + value) % 1_000_000_007);
}
