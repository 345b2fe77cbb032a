using Google.Protobuf;

namespace Lepton.SystemTests.Node;

/// <summary>
/// Writes a user's own ONNX file: each output is an operation on x W, x being the input in one row, with one row of weights per input number and one
/// column per output number. The few fields of the format it needs are written by hand.
/// </summary>
internal static class TinyModel
{
    /// <summary>A classifier: softmax(x W).</summary>
    public static byte[] Write(float[][] weights) => Write([weights.Length], ("Softmax", "scores", weights));

    public static byte[] Write(int[] input, params (string Operation, string Output, float[][] Weights)[] outputs)
    {
        var graph = Message(graph =>
        {
            Node(graph, "Flatten", ["x"], "row");
            foreach (var (operation, output, _) in outputs)
            {
                Node(graph, "MatMul", ["row", output + "-w"], output + "-z");
                Node(graph, operation, [output + "-z"], output);
            }

            Text(graph, 2, "tiny");
            foreach (var (_, output, weights) in outputs)
            {
                Nested(graph, 5, Message(tensor =>
                {
                    Number(tensor, 1, weights.Length);
                    Number(tensor, 1, weights[0].Length);
                    Number(tensor, 2, 1);
                    Text(tensor, 8, output + "-w");
                    Nested(tensor, 9, [.. weights.SelectMany(row => row).SelectMany(BitConverter.GetBytes)]);
                }));
            }

            Nested(graph, 11, Tensor("x", input));
            foreach (var (_, output, weights) in outputs)
            {
                Nested(graph, 12, Tensor(output, [weights[0].Length]));
            }
        });
        return Message(model =>
        {
            Number(model, 1, 8);
            Nested(model, 7, graph);
            Nested(model, 8, Message(opset => Number(opset, 2, 13)));
        });
    }

    private static void Node(CodedOutputStream graph, string operation, string[] inputs, string output) => Nested(graph, 1, Message(node =>
    {
        foreach (var input in inputs)
        {
            Text(node, 1, input);
        }

        Text(node, 2, output);
        Text(node, 4, operation);
    }));

    private static byte[] Tensor(string name, int[] sizes) => Message(value =>
    {
        Text(value, 1, name);
        Nested(value, 2, Message(type => Nested(type, 1, Message(tensor =>
        {
            Number(tensor, 1, 1);
            Nested(tensor, 2, Message(shape =>
            {
                Nested(shape, 1, Message(batch => Text(batch, 2, "n")));
                foreach (var size in sizes)
                {
                    Nested(shape, 1, Message(dimension => Number(dimension, 1, size)));
                }
            }));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Nested(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
