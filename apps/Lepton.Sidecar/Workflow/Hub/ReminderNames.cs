using System.Buffers;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>The name under which daprd's scheduler would keep the start of an instance: an id that makes none it takes cannot be started there, and so not here.</summary>
internal static class ReminderNames
{
    private const int Longest = 512;

    /// <summary>What would mean something in a key or in the path of a callback; all else is taken, `|`, `@` and `||` too.</summary>
    private static readonly SearchValues<char> Refused = SearchValues.Create([.. "/\\#?\x7f", .. Enumerable.Range(0, 32).Select(static code => (char)code)]);

    /// <returns>What the scheduler says; null when it takes the name.</returns>
    internal static string? Refusal(string appId, string instance)
    {
        if (instance.Length <= Longest && !instance.AsSpan().ContainsAny(Refused)) return null;
        var space = VirtualSidecar.Namespace;
        var name = $"actorreminder||{space}||dapr.internal.{space}.{appId}.workflow||{instance}||start{Random.Shared.GetHexString(8, lowercase: true)}";
        return $"job name is invalid \"{InvocationPath.Quote(name)}\"";
    }
}
