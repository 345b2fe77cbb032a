namespace Lepton.Sidecar.Resources;

/// <summary>Truth values as Go's parser takes them, and switches as Dapr's own reading of "yes" does.</summary>
internal static class Truth
{
    /// <summary>Null for a text that is none; nothing counts as false.</summary>
    internal static bool? Read(string? text) => text switch
    {
        null or "" or "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        _ => null,
    };

    /// <summary>A switch that is on; whatever else is off.</summary>
    internal static bool IsOn(string? text) => text?.Trim().ToLowerInvariant() is "y" or "yes" or "true" or "t" or "on" or "1";
}
