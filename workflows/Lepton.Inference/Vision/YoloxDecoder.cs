namespace Lepton.Inference.Vision;

/// <summary>
/// Reads an output laid out as YOLOX's: one row a cell, strides one after the other, each row x and y of the middle in cells from the cell's
/// corner, logarithm of width and height in cells, objectness, then one score a label.
/// </summary>
internal sealed class YoloxDecoder(int width, int height, IReadOnlyList<int> strides, int labels) : BoxDecoder
{
    public override int Values => strides.Sum(stride => width / stride * (height / stride)) * (5 + labels);

    public override void Decode(ReadOnlySpan<float> output, float floor, List<Detection> found)
    {
        var columns = 5 + labels;
        var at = 0;
        foreach (var stride in strides)
        {
            for (var row = 0; row < height / stride; row++)
            {
                for (var column = 0; column < width / stride; column++, at += columns)
                {
                    var objectness = output[at + 4];
                    if (objectness < floor)
                    {
                        continue;
                    }
                    var (label, best) = Best(output.Slice(at + 5, labels));
                    var score = objectness * best;
                    if (score < floor)
                    {
                        continue;
                    }
                    var (w, h) = (MathF.Exp(output[at + 2]) * stride, MathF.Exp(output[at + 3]) * stride);
                    var (x, y) = ((output[at] + column) * stride - w / 2, (output[at + 1] + row) * stride - h / 2);
                    Add(found, new Detection(x, y, w, h, score, label));
                }
            }
        }
    }
}
