using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>What a label of a file is for.</summary>
public enum HeadPart
{
    /// <summary>It calibrates the gate.</summary>
    Calibrates,

    /// <summary>Heads are fitted on it.</summary>
    Fits,

    /// <summary>It says which head is taken, if any.</summary>
    Chooses,
}

/// <summary>Splits a file's labels by their ids, so that whoever fits a head and whoever calibrates behind it never use the same ones.</summary>
public static class HeadSplit
{
    private static readonly Salt Salt = new("lepton gate fit");

    /// <summary>The hash that decides for an id.</summary>
    public static ulong HashOf(ReadOnlySpan<char> id) => Salt.HashOf(id);

    /// <summary>A half calibrates, a third fits, a sixth chooses.</summary>
    public static HeadPart Of(ulong hash) =>
        !Use.MayTrain(hash, Designation.Cold, 0.5) ? HeadPart.Calibrates
        : Salt.Share(hash, Draw.Choice) < 1.0 / 3 ? HeadPart.Chooses
        : HeadPart.Fits;
}
