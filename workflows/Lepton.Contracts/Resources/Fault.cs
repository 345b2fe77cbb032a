namespace Lepton.Contracts.Resources;

/// <summary>One thing wrong with a resource: where it stands, what is wrong, and what to do about it.</summary>
/// <param name="File">Path of the file as the user named it.</param>
/// <param name="Line">Line in the file, counted from 1; 0 when the fault has no line.</param>
/// <param name="Problem">What is wrong, with the value that is wrong in quotes.</param>
/// <param name="Cure">What to do.</param>
public sealed record Fault(string File, int Line, string Problem, string Cure)
{
    /// <summary>The fault in one line: <c>file:line: problem; cure</c>.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Problem}; {Cure}" : $"{File}: {Problem}; {Cure}";
}

/// <summary>Thrown where faulty resources leave nothing to go on with. Its message lists every fault.</summary>
public sealed class FaultyResourceException : Exception
{
    /// <summary>Makes the exception from the faults found.</summary>
    public FaultyResourceException(IReadOnlyList<Fault> faults)
        : base(string.Join(Environment.NewLine, faults)) => Faults = faults;

    /// <summary>Every fault found, in file order.</summary>
    public IReadOnlyList<Fault> Faults { get; }
}
