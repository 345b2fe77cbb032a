namespace Lepton.Contracts.Events;

/// <summary>The topics of Lepton. Every one has a dead-letter topic beside it.</summary>
public static class Topics
{
    /// <summary>Results of all pipelines: final, provisional and corrections.</summary>
    public const string Results = "lepton.results.v1";

    /// <summary>Where the events of a pipeline come in.</summary>
    public static string Events(string pipeline) => "lepton.events." + pipeline;

    /// <summary>The dead-letter topic of a topic.</summary>
    public static string DeadLetter(string topic) => topic + ".dlq";
}

/// <summary>The CloudEvent types that Lepton publishes. Each has a JSON Schema beside this assembly.</summary>
public static class EventTypes
{
    /// <summary>An event of a device.</summary>
    public const string Event = "dev.lepton.event.v1";

    /// <summary>A result: data is <see cref="Result"/>.</summary>
    public const string Result = "dev.lepton.result.v1";

    /// <summary>An event that could not be admitted: data is <see cref="Rejection"/>.</summary>
    public const string Rejection = "dev.lepton.rejection.v1";
}
