using Google.Protobuf;

namespace Lepton.SystemTests.Node;

/// <summary>Writes a user's own ONNX file: softmax(x W), one row of weights per input value and one column per label. The few fields of the format it needs are written by hand.</summary>
internal static class TinyModel
{
    public static byte[] Write(float[][] weights)
    {
        var (rows, columns) = (weights.Length, weights[0].Length);
        var graph = Message(graph =>
        {
            Node(graph, "MatMul", ["x", "w"], "z");
            Node(graph, "Softmax", ["z"], "scores");
            Text(graph, 2, "tiny");
            Nested(graph, 5, Message(tensor =>
            {
                Number(tensor, 1, rows);
                Number(tensor, 1, columns);
                Number(tensor, 2, 1);
                Text(tensor, 8, "w");
                Nested(tensor, 9, [.. weights.SelectMany(row => row).SelectMany(BitConverter.GetBytes)]);
            }));
            Nested(graph, 11, Tensor("x", rows));
            Nested(graph, 12, Tensor("scores", columns));
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

    private static byte[] Tensor(string name, int width) => Message(value =>
    {
        Text(value, 1, name);
        Nested(value, 2, Message(type => Nested(type, 1, Message(tensor =>
        {
            Number(tensor, 1, 1);
            Nested(tensor, 2, Message(shape =>
            {
                Nested(shape, 1, Message(batch => Text(batch, 2, "n")));
                Nested(shape, 1, Message(size => Number(size, 1, width)));
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
