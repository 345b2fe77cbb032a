namespace Lepton.Contracts.Resources;

/// <summary>The head that every Lepton resource has: <c>apiVersion: lepton.dev/v1</c> and a kind.</summary>
public static class ResourceHeader
{
    /// <summary>The one version of Lepton's own resources.</summary>
    public const string ApiVersion = "lepton.dev/v1";

    /// <summary>Notes a fault unless the document is a Lepton resource of this kind.</summary>
    public static void Check(YamlMap document, string kind)
    {
        ArgumentNullException.ThrowIfNull(document);
        document.Choice("apiVersion", ApiVersion, ApiVersion);
        if (document.RequiredText("kind", $"write `kind: {kind}`") is { Length: > 0 } found && found != kind)
        {
            document.Report("kind", $"is '{found}'", $"write `kind: {kind}`");
        }
    }
}
