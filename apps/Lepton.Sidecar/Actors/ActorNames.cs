using Lepton.Sidecar.Invocation;

namespace Lepton.Sidecar.Actors;

/// <summary>The rule for the names of reminders and timers, and for the types and ids of what is called.</summary>
internal static class ActorNames
{
    internal static void Check(string name)
    {
        if (Fault(name) is { } fault) throw ActorFault.BadName(fault);
    }

    internal static void CheckCalled(string type, string id)
    {
        if (Fault(type) is { } typeFault) throw ActorFault.BadCall("invalid actorType: " + typeFault);
        if (Fault(id) is { } idFault) throw ActorFault.BadCall("invalid actorId: " + idFault);
    }

    private static string? Fault(string name)
    {
        if (name.AsSpan().ContainsAny("#?\0/\\")) return $"name contains forbidden character: \"{InvocationPath.Quote(name)}\"";
        for (var i = 0; i < name.Length; i++)
            if (name[i] is < ' ' or '\x7f') return $"name contains control character at position {i}: \"{InvocationPath.Quote(name)}\"";
        return name is "." or ".." ? $"name is a path traversal sequence: \"{name}\"" : null;
    }
}
