using System.Text.Json;

namespace Lepton.Sidecar.Http;

/// <summary>Members of a JSON object as Go reads them: by name, and where none has it exactly, by the name in other letters' case. The JavaScript SDK sends `entryID`.</summary>
internal static class Members
{
    internal static bool TryGetMember(this JsonElement owner, string name, out JsonElement value)
    {
        if (owner.TryGetProperty(name, out value)) return true;
        foreach (var member in owner.EnumerateObject())
        {
            if (!member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            value = member.Value;
            return true;
        }
        return false;
    }
}
