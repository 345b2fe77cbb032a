using System.Collections.Concurrent;
using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>
/// The compiled steps from a picture to an image tensor: `stretch` or `letterbox` to the tensor's size, then `pixels` (scale, mean, deviation,
/// order) through look-up tables.
/// </summary>
internal sealed class ImageSteps(int width, int height, bool letterbox, InterpolationFlags how, float[][] tables, bool swap)
{
    private readonly ConcurrentBag<Mat> idle = [];

    public int Width => width;
    public int Height => height;

    /// <summary>Reads the steps for the model's one input; null with faults in the use's own list.</summary>
    public static ImageSteps? Compile(ModelUse use, OnnxModel onnx)
    {
        if (onnx.Inputs is not [{ Dimensions: [3, var height, var width] } tensor])
        {
            use.Options.Report("model", $"is '{use.Model}', whose inputs are {string.Join(", ", onnx.Inputs.Select(input => $"{input.Name} [{string.Join(", ", input.Dimensions)}]"))}",
                "use a model with one input of 3 channels, height and width");
            return null;
        }
        if (!use.Inputs.TryGetValue(tensor.Name, out var plans) || plans is not [var fit, var pixels] || fit.Name is not ("stretch" or "letterbox") || pixels.Name != "pixels")
        {
            use.Options.Report("inputs", $"does not say how the picture becomes '{tensor.Name}'", $"write `{tensor.Name}: [{{step: letterbox}}, {{step: pixels}}]`, or stretch in place of letterbox");
            return null;
        }
        var how = fit.Arguments.Choice("interpolation", "linear", "linear", "area") == "area" ? InterpolationFlags.Area : InterpolationFlags.Linear;
        fit.Arguments.Close();
        var scale = (float)pixels.Arguments.Number("scale", 1);
        var (mean, deviation) = (Three(pixels.Arguments, "mean", 0), Three(pixels.Arguments, "deviation", 1));
        var swap = pixels.Arguments.Choice("order", "bgr", "bgr", "rgb") == "rgb";
        pixels.Arguments.Close();
        return new ImageSteps(width, height, fit.Name == "letterbox", how, [.. mean.Zip(deviation, (m, d) => Planes.Table(scale, m, d))], swap);
    }

    /// <summary>Writes the tensor and returns the way back to the picture's pixels.</summary>
    public Framing Fill(Mat picture, Span<float> tensor)
    {
        var input = idle.TryTake(out var used) ? used : new Mat(height, width, MatType.CV_8UC3);
        var framing = letterbox ? Framing.Letterbox(picture, input, how) : Framing.Stretch(picture, input, how);
        Planes.Write(input, tensor, tables[0], tables[1], tables[2], swap);
        idle.Add(input);
        return framing;
    }

    private static float[] Three(YamlMap map, string key, float otherwise)
    {
        var numbers = map.Numbers(key);
        if (numbers.Count is not (0 or 3) || (key == "deviation" && numbers.Any(number => number == 0)))
        {
            map.Report(key, $"is [{string.Join(", ", numbers)}]", "write three numbers, one a channel in the order given by `order`; a deviation is never 0");
            numbers = [];
        }
        return numbers.Count == 3 ? [.. numbers.Select(number => (float)number)] : [otherwise, otherwise, otherwise];
    }
}
