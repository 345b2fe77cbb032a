namespace Lepton.Cli.Doctor;

/// <summary>One thing that the doctor looked at.</summary>
/// <param name="What">What it is.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Cure">What to do; null where nothing is wrong.</param>
internal sealed record Finding(string What, bool Ok, string Detail, string? Cure = null)
{
    public static Finding Good(string what, string detail) => new(what, true, detail);

    public static Finding Bad(string what, string detail, string cure) => new(what, false, detail, cure);
}
