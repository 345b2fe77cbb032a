using Lepton.Cli.Pipelines;

namespace Lepton.Cli.Supervision;

/// <summary>What the edge node serves on this machine: a model may be missing, or OpenCV.</summary>
internal sealed record ServedPipelines(IReadOnlyList<string> Names, IReadOnlyList<string> Faults)
{
    /// <summary>Leaves out what nobody would answer: with a note where it was not asked for by name, with an error where it was.</summary>
    public FeedOptions Choose(FeedOptions options, IReadOnlyList<Feed> feeds, Action<string> note)
    {
        var unserved = feeds.Select(feed => feed.Pipeline.Name).Where(name => !Names.Contains(name)).ToList();
        if (unserved.Count == 0)
        {
            return options;
        }

        var reasons = string.Join(Environment.NewLine, Faults.Count > 0 ? Faults : ["the log of lepton-edge says why"]);
        if (options.Only.Count > 0 || unserved.Count == feeds.Count || options.Inputs.Any(NamesOne) || options.Rates.Any(NamesOne))
        {
            throw new CommandException($"the edge node does not serve {string.Join(", ", unserved)}:{Environment.NewLine}{reasons}");
        }

        foreach (var name in unserved)
        {
            note($"{name} stays off, the rest runs: {reasons}");
        }

        return options with { Only = [.. feeds.Select(feed => feed.Pipeline.Name).Except(unserved)] };

        bool NamesOne(string option) => unserved.Exists(name => option.StartsWith(name + "=", StringComparison.Ordinal));
    }
}
