namespace Lepton.Sidecar.PubSub;

/// <summary>MQTT's topic filters: a plus sign stands for one level, a hash at the end for any rest.</summary>
internal static class TopicFilter
{
    internal static bool IsOne(string topic) => topic.AsSpan().ContainsAny('+', '#');

    internal static bool Matches(string filter, string topic)
    {
        // No filter that begins with a wildcard takes the broker's own topics.
        if (topic.StartsWith('$') && filter[0] is ('+' or '#')) return false;
        var (levels, names) = (filter.Split('/'), topic.Split('/'));
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] == "#") return true;
            if (i >= names.Length || (levels[i] != "+" && levels[i] != names[i])) return false;
        }
        return levels.Length == names.Length;
    }
}
