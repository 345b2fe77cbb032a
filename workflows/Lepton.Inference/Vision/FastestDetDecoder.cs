namespace Lepton.Inference.Vision;

/// <summary>
/// Reads FastestDet's one plane per value: objectness, tangent-to-be shift of the middle in cells, sigmoid-to-be width and height as shares of the
/// picture, then one score a label. Its score is objectness to the 0.6 times label score to the 0.4.
/// </summary>
internal sealed class FastestDetDecoder(int width, int height, int rows, int columns, int labels) : BoxDecoder
{
    public override int Values => (5 + labels) * rows * columns;

    public override void Decode(ReadOnlySpan<float> output, float floor, List<Detection> found)
    {
        var area = rows * columns;
        // With a label score of at most 1, less objectness than this cannot reach the floor.
        var least = MathF.Pow(floor, 1 / 0.6f);
        for (var cell = 0; cell < area; cell++)
        {
            var objectness = output[cell];
            if (objectness < least)
            {
                continue;
            }
            var (label, best) = (0, float.NegativeInfinity);
            for (var i = 0; i < labels; i++)
            {
                var value = output[(5 + i) * area + cell];
                if (value > best)
                {
                    (label, best) = (i, value);
                }
            }
            var score = MathF.Pow(objectness, 0.6f) * MathF.Pow(Math.Max(0, best), 0.4f);
            if (score < floor)
            {
                continue;
            }
            var x = (cell % columns + MathF.Tanh(output[area + cell])) / columns * width;
            var y = (cell / columns + MathF.Tanh(output[2 * area + cell])) / rows * height;
            var (w, h) = (Sigmoid(output[3 * area + cell]) * width, Sigmoid(output[4 * area + cell]) * height);
            Add(found, new Detection(x - w / 2, y - h / 2, w, h, score, label));
        }
    }

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));
}
