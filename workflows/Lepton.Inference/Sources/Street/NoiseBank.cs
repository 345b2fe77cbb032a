using System.Runtime.InteropServices;
using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>Camera noise: a field of Gaussian values drawn once and cut at another place for each frame, which costs a tenth of drawing it anew.</summary>
internal sealed class NoiseBank : IDisposable
{
    private const int Margin = 96;
    private readonly Mat field;

    public NoiseBank(int width, int height, Random dice)
    {
        field = new Mat(height + Margin, width + Margin, MatType.CV_8UC3);
        Fill(field, dice, 16);
    }

    /// <summary>Adds noise of <paramref name="sigma"/> grey levels.</summary>
    public void AddTo(Mat picture, double sigma, Random dice)
    {
        using var cut = field[new Rect(dice.Next(Margin), dice.Next(Margin), picture.Width, picture.Height)];
        Cv2.AddWeighted(picture, 1, cut, sigma / 16, -128 * sigma / 16, picture);
    }

    /// <summary>Gaussian values around 128.</summary>
    public static void Fill(Mat target, Random dice, double sigma)
    {
        var values = new byte[target.Total() * target.ElemSize()];
        for (var i = 0; i + 1 < values.Length; i += 2)
        {
            var radius = sigma * Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble()));
            var (sin, cos) = Math.SinCos(2 * Math.PI * dice.NextDouble());
            values[i] = (byte)Math.Clamp(128 + radius * cos, 0, 255);
            values[i + 1] = (byte)Math.Clamp(128 + radius * sin, 0, 255);
        }
        Marshal.Copy(values, 0, target.Data, values.Length);
    }

    public void Dispose() => field.Dispose();
}
