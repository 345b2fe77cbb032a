using System.Globalization;
using System.Net;
using System.Text;

namespace Lepton.Cli.Gates;

/// <summary>A small SVG chart with two linear axes that begin at 0.</summary>
internal sealed class Chart
{
    private const int Width = 560;
    private const int Height = 320;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 34;
    private const int Bottom = 44;
    private const int Ticks = 5;
    private readonly StringBuilder body = new();
    private readonly double mostX;
    private readonly double mostY;

    public Chart(string title, string x, double mostX, string y, double mostY)
    {
        (this.mostX, this.mostY) = (mostX > 0 ? mostX : 1, mostY > 0 ? mostY : 1);
        body.Append(Invariant($"<svg viewBox='0 0 {Width} {Height}' role='img' aria-label='{Encoded(title)}'><text class='title' x='{Left}' y='20'>{Encoded(title)}</text>"));
        for (var tick = 0; tick <= Ticks; tick++)
        {
            double atX = this.mostX * tick / Ticks, atY = this.mostY * tick / Ticks;
            body.Append(Invariant($"<line class='grid' x1='{X(atX):F1}' y1='{Top}' x2='{X(atX):F1}' y2='{Height - Bottom}'/><line class='grid' x1='{Left}' y1='{Y(atY):F1}' x2='{Width - Right}' y2='{Y(atY):F1}'/>"));
            body.Append(Invariant($"<text class='tick' x='{X(atX):F1}' y='{Height - Bottom + 16}' text-anchor='middle'>{atX:G4}</text><text class='tick' x='{Left - 6}' y='{Y(atY) + 4:F1}' text-anchor='end'>{atY:G3}</text>"));
        }

        body.Append(Invariant($"<text class='axis' x='{(Left + Width - Right) / 2}' y='{Height - 8}' text-anchor='middle'>{Encoded(x)}</text>"));
        body.Append(Invariant($"<text class='axis' transform='translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)' text-anchor='middle'>{Encoded(y)}</text>"));
    }

    public Chart Line(IEnumerable<(double X, double Y)> points, string style)
    {
        body.Append(Invariant($"<polyline class='{style}' points='{string.Join(' ', points.Select(point => Invariant($"{X(point.X):F1},{Y(point.Y):F1}")))}'/>"));
        return this;
    }

    public Chart Point(double x, double y, string label, string style)
    {
        var end = X(x) > Width - 140;
        body.Append(Invariant($"<circle class='{style}' cx='{X(x):F1}' cy='{Y(y):F1}' r='4'/><text class='label' x='{X(x) + (end ? -7 : 7):F1}' y='{Y(y) - 6:F1}' text-anchor='{(end ? "end" : "start")}'>{Encoded(label)}</text>"));
        return this;
    }

    public Chart Upright(double x, string label)
    {
        body.Append(Invariant($"<line class='alarm' x1='{X(x):F1}' y1='{Top}' x2='{X(x):F1}' y2='{Height - Bottom}'/><text class='label' x='{X(x) + 4:F1}' y='{Top + 10}'>{Encoded(label)}</text>"));
        return this;
    }

    public Chart Level(double y, string label)
    {
        body.Append(Invariant($"<line class='level' x1='{Left}' y1='{Y(y):F1}' x2='{Width - Right}' y2='{Y(y):F1}'/><text class='label' x='{Width - Right - 4}' y='{Y(y) - 4:F1}' text-anchor='end'>{Encoded(label)}</text>"));
        return this;
    }

    public override string ToString() => body + "</svg>";

    private double X(double x) => Left + (Math.Clamp(x / mostX, 0, 1) * (Width - Left - Right));

    private double Y(double y) => Height - Bottom - (Math.Clamp(y / mostY, 0, 1) * (Height - Top - Bottom));

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
