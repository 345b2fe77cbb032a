using System.Globalization;

namespace Lepton.Cli.Pipelines;

/// <summary>How fast events go out.</summary>
/// <param name="PerSecond">Events per second; null is as fast as they are acknowledged.</param>
internal readonly record struct Rate(double? PerSecond)
{
    public static Rate Max => new(null);

    /// <summary>Reads <c>max</c>, <c>50</c>, <c>50/s</c>, <c>30/m</c> or <c>100/h</c>.</summary>
    public static bool TryParse(string text, out Rate rate)
    {
        rate = Max;
        if (text == "max")
        {
            return true;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var number = slash < 0 ? text : text[..slash];
        double seconds = slash < 0 ? 1 : text[(slash + 1)..] switch
        {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 0,
        };
        if (seconds == 0 || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || !(amount > 0 && amount <= 1e6))
        {
            return false;
        }

        rate = new Rate(amount / seconds);
        return true;
    }

    public override string ToString() => PerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.###}/s") : "max";
}
