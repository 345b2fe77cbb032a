using System.Text;

namespace Lepton.Tests.Inference;

// Writes the smallest useful ONNX model, y = x W + b, field by field as protobuf: a model "of a user's own" without a training tool.
internal static class TinyOnnx
{
    // weights[i][j] leads from input i to output j; an open batch axis unless `single`.
    internal static byte[] Linear(float[][] weights, float[] bias, bool single = false)
    {
        var (inputs, outputs) = (weights.Length, bias.Length);
        byte[] graph =
        [
            .. Message(1, [.. Text(1, "x"), .. Text(1, "w"), .. Text(2, "xw"), .. Text(4, "MatMul")]),
            .. Message(1, [.. Text(1, "xw"), .. Text(1, "b"), .. Text(2, "y"), .. Text(4, "Add")]),
            .. Text(2, "linear"),
            .. Message(5, Weights("w", [inputs, outputs], [.. weights.SelectMany(row => row)])),
            .. Message(5, Weights("b", [outputs], bias)),
            .. Message(11, Shape("x", inputs, single)),
            .. Message(12, Shape("y", outputs, single)),
        ];
        return [.. Number(1, 8), .. Message(7, graph), .. Message(8, Number(2, 13))];
    }

    private static byte[] Weights(string name, int[] dimensions, float[] data) =>
        [.. dimensions.SelectMany(dimension => Number(1, dimension)), .. Number(2, 1), .. Text(8, name), .. Message(9, [.. data.SelectMany(BitConverter.GetBytes)])];

    private static byte[] Shape(string name, int width, bool single)
    {
        byte[] batch = single ? Number(1, 1) : Text(2, "batch");
        return [.. Text(1, name), .. Message(2, Message(1, [.. Number(1, 1), .. Message(2, [.. Message(1, batch), .. Message(1, Number(1, width))])]))];
    }

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] content) => [.. Varint(field << 3 | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static List<byte> Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value & 127 | 128));
        }
        bytes.Add((byte)value);
        return bytes;
    }
}
