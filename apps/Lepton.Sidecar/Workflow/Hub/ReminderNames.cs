using System.Buffers;
using System.Text.RegularExpressions;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>The name under which daprd's scheduler would keep the start of an instance: an id that makes none it takes cannot be started there, and so not here.</summary>
internal static partial class ReminderNames
{
    private const string Rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const int Longest = 253;

    private static readonly SearchValues<char> Ordinary = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <returns>What the scheduler says; null when it takes the name.</returns>
    internal static string? Refusal(string appId, string instance)
    {
        if (instance.Length <= Longest && !instance.AsSpan().ContainsAnyExcept(Ordinary) && instance.AsSpan().ContainsAnyExcept('-', '_')) return null;
        if (Stripped(instance).Split("||").Select(FaultOf).FirstOrDefault(static found => found is not null) is not { } fault) return null;
        var space = Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } given ? given : "default";
        var name = Stripped($"actorreminder||{space}||dapr.internal.{space}.{appId}.workflow||{instance}||start{Random.Shared.GetHexString(8, lowercase: true)}");
        return $"job name is invalid \"{name}\": {fault}";
    }

    private static string? FaultOf(string segment)
    {
        var faults = string.Join(", ", new[] { segment.Length > Longest ? $"must be no more than {Longest} bytes" : "", Subdomain().IsMatch(segment) ? "" : Rule }.Where(static fault => fault.Length > 0));
        return faults.Length > 0 ? faults : null;
    }

    private static string Stripped(string name) => Stripping().Replace(name, "");

    [GeneratedRegex("[_: -]")]
    private static partial Regex Stripping();

    [GeneratedRegex(@"^[a-zA-Z0-9]+(\.[a-zA-Z0-9]+)*\z")]
    private static partial Regex Subdomain();
}
