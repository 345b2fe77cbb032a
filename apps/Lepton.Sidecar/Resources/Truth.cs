namespace Lepton.Sidecar.Resources;

/// <summary>Truth values as Go's parser takes them.</summary>
internal static class Truth
{
    /// <summary>Null for a text that is none; nothing counts as false.</summary>
    internal static bool? Read(string? text) => text switch
    {
        null or "" or "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        _ => null,
    };
}
