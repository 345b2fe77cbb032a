using Lepton.Contracts.Resources;
using Lepton.Workflows;
using Lepton.Workflows.Escalation;

namespace Lepton.Node;

/// <summary>What the environment says, read once. All faults are listed at once.</summary>
internal sealed record NodeSettings
{
    public required NodeIdentity Node { get; init; }

    public required int Port { get; init; }

    /// <summary>The folder that holds pipelines/ and models/.</summary>
    public required string Resources { get; init; }

    /// <summary>The folder of real data and models; null when there is none.</summary>
    public string? Data { get; init; }

    /// <summary>The token this node shows the tier above; null for none.</summary>
    public string? UpToken { get; init; }

    /// <summary>The token that lower tiers must show this node; null lets everyone ask.</summary>
    public string? AskToken { get; init; }

    /// <summary>How long escalations wait between two attempts.</summary>
    public required Pauses Pauses { get; init; }

    public bool ExitsWithStandardInput { get; init; }

    public static NodeSettings? Read(IConfiguration environment, List<string> faults)
    {
        var tier = environment["LEPTON_ROLE"] is { Length: > 0 } role ? role.ToLowerInvariant() : "edge";
        if (tier is not ("edge" or "fog" or "cloud"))
        {
            faults.Add($"LEPTON_ROLE is '{tier}'; set it to edge, fog or cloud");
        }

        if (!int.TryParse(environment["APP_PORT"] ?? "8601", out var port) || port is < 0 or > 65535)
        {
            faults.Add($"APP_PORT is '{environment["APP_PORT"]}'; set it to a port number such as 8601");
        }

        var shortest = Pause(environment, "LEPTON_RETRY_FROM", TimeSpan.FromSeconds(1), faults);
        var longest = Pause(environment, "LEPTON_RETRY_TO", TimeSpan.FromSeconds(30), faults);
        if (longest < shortest)
        {
            faults.Add($"LEPTON_RETRY_TO ({longest.TotalSeconds} s) is shorter than LEPTON_RETRY_FROM ({shortest.TotalSeconds} s); exchange them");
        }

        return faults.Count > 0 ? null : new NodeSettings
        {
            Node = new NodeIdentity(environment["APP_ID"] is { Length: > 0 } id ? id : $"lepton-{tier}", tier),
            Port = port,
            Resources = Path.GetFullPath(environment["LEPTON_RESOURCES"] is { Length: > 0 } folder ? folder : DefaultResources()),
            Data = environment["LEPTON_DATA"] is { Length: > 0 } data ? data : null,
            UpToken = environment["LEPTON_UP_TOKEN"] is { Length: > 0 } up ? up : null,
            AskToken = environment["LEPTON_ESCALATION_TOKEN"] is { Length: > 0 } ask ? ask : null,
            Pauses = new Pauses(shortest, longest),
            ExitsWithStandardInput = environment["LEPTON_EXIT_WITH_STDIN"] == "1",
        };
    }

    /// <summary>Beside the binary where it was published, else the repository that the binary was built in.</summary>
    private static string DefaultResources()
    {
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "pipelines")))
        {
            return AppContext.BaseDirectory;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "workflows", "pipelines")))
            {
                return Path.Combine(folder.FullName, "workflows");
            }
        }

        return AppContext.BaseDirectory;
    }

    private static TimeSpan Pause(IConfiguration environment, string name, TimeSpan otherwise, List<string> faults)
    {
        if (environment[name] is not { Length: > 0 } text)
        {
            return otherwise;
        }

        if (Quantity.TryDuration(text, out var pause) && pause > TimeSpan.Zero)
        {
            return pause;
        }

        faults.Add($"{name} is '{text}'; write a length of time such as 500ms, 1s or 5m");
        return otherwise;
    }
}
