using System.Globalization;
using System.Text;

namespace Lepton.Sidecar.PubSub;

/// <summary>A set of numbers beyond a cursor as text: "3-7,9" counted from the cursor.</summary>
internal static class NumberRanges
{
    internal static string Write(IEnumerable<long> ordered, long cursor)
    {
        StringBuilder? text = null;
        long from = -1, to = -1;
        foreach (var number in ordered)
        {
            if (number == to + 1 && from >= 0)
            {
                to = number;
                continue;
            }
            Append(ref text, from, to, cursor);
            from = to = number;
        }
        Append(ref text, from, to, cursor);
        return text?.ToString() ?? "";
    }

    internal static IEnumerable<long> Read(string text, long cursor)
    {
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            var (from, to) = (long.Parse(ends[0], CultureInfo.InvariantCulture), long.Parse(ends[^1], CultureInfo.InvariantCulture));
            for (var number = from; number <= to; number++) yield return cursor + number;
        }
    }

    private static void Append(ref StringBuilder? text, long from, long to, long cursor)
    {
        if (from < 0) return;
        text = text is null ? new StringBuilder() : text.Append(',');
        text.Append(from - cursor);
        if (to > from) text.Append('-').Append(to - cursor);
    }
}
