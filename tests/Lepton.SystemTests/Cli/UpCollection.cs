namespace Lepton.SystemTests.Cli;

/// <summary>One `up` at a time: five processes on two cores are enough.</summary>
[CollectionDefinition(nameof(UpTests))]
public sealed class UpCollection;
