using Lepton.Contracts.Events;

namespace Lepton.Workflows.Records;

/// <summary>
/// Keys in the state store. A dot stands for the slash of subjects, since some stores (Cosmos DB) refuse slashes; neither a pipeline's name nor
/// an event key holds a dot.
/// </summary>
internal static class StateKey
{
    public static string Record(string subject) => Of(EventKey.ResultId(subject, 1));

    public static string Correction(string subject) => Of(EventKey.ResultId(subject, 2));

    public static string Payload(string subject) => Of(subject) + ".payload";

    public static string Verdict(string escalation) => Of(escalation) + ".verdict";

    /// <summary>Workflow ids: letters, digits, dashes, so that they can be asked for over Dapr's HTTP API too.</summary>
    public static string Workflow(string subject) => subject.Replace('/', '-');

    private static string Of(string id) => id.Replace('/', '.');
}
