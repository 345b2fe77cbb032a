using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Lepton.SystemTests.Golden;

/// <summary>
/// Messages as cases write them: canonical proto JSON, every method by its name. An Any without a type, which has no such form, is <c>{"@raw": "base64"}</c>: it passes
/// through the JSON as a marked StringValue.
/// </summary>
internal static class ProtoJson
{
    private const string Mark = "\0raw:";
    private static readonly string StringType = "type.googleapis.com/" + StringValue.Descriptor.FullName;
    private static readonly FileDescriptor[] Files = [.. AllFiles()];
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(Files);
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(Types));
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Types));
    private static readonly Dictionary<string, MethodDescriptor> Methods = Files.SelectMany(f => f.Services).SelectMany(s => s.Methods).GroupBy(m => $"{m.Service.FullName}/{m.Name}").ToDictionary(g => g.Key, g => g.First());

    internal static MethodDescriptor Method(string name) => Methods.TryGetValue(name, out var method) ? method : throw new InvalidOperationException($"unknown gRPC method {name}");

    internal static byte[] Encode(MessageDescriptor type, JsonNode? json)
    {
        var message = Parser.Parse((Marked(json) ?? new JsonObject()).ToJsonString(), type);
        Walk(message, Bare);
        return message.ToByteArray();
    }

    internal static JsonNode Decode(MessageDescriptor type, byte[] bytes)
    {
        var message = type.Parser.ParseFrom(bytes);
        Walk(message, Typed);
        var json = Unmarked(JsonNode.Parse(Formatter.Format(message)))!;
        if (type.FullName == "dapr.proto.runtime.v1.GetMetadataResponse" && global::Golden.Newer.GetMetadataResponse.Parser.ParseFrom(bytes) is { Resiliencies.Count: > 0 } newer)
            json["resiliencies"] = JsonNode.Parse(Formatter.Format(newer))!["resiliencies"]!.DeepClone();
        return json;
    }

    private static JsonNode? Marked(JsonNode? node) => node switch
    {
        JsonArray list => new JsonArray([.. list.Select(Marked)]),
        JsonObject map when map.Text("@raw") is { } raw => new JsonObject { ["@type"] = StringType, ["value"] = Mark + raw },
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Marked(m.Value)))),
        _ => node?.DeepClone(),
    };

    private static JsonNode? Unmarked(JsonNode? node) => node switch
    {
        JsonArray list => new JsonArray([.. list.Select(Unmarked)]),
        JsonObject map when map.Text("value") is { } value && value.StartsWith(Mark, StringComparison.Ordinal) => new JsonObject { ["@raw"] = value[Mark.Length..] },
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Unmarked(m.Value)))),
        _ => node?.DeepClone(),
    };

    private static void Bare(Any any)
    {
        if (!any.Is(StringValue.Descriptor) || any.Unpack<StringValue>().Value is not { } text || !text.StartsWith(Mark, StringComparison.Ordinal)) return;
        any.TypeUrl = "";
        any.Value = ByteString.FromBase64(text[Mark.Length..]);
    }

    private static void Typed(Any any)
    {
        if (any.TypeUrl.Length > 0 || any.Value.IsEmpty) return;
        any.Value = new StringValue { Value = Mark + any.Value.ToBase64() }.ToByteString();
        any.TypeUrl = StringType;
    }

    private static void Walk(IMessage message, Action<Any> visit)
    {
        if (message is Any any)
        {
            visit(any);
            return;
        }
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
        {
            var value = field.Accessor.GetValue(message);
            if (value is IMessage inner) Walk(inner, visit);
            else if (field.IsMap) foreach (var item in ((System.Collections.IDictionary)value).Values) WalkItem(item, visit);
            else if (field.IsRepeated) foreach (var item in (System.Collections.IList)value) WalkItem(item, visit);
        }
    }

    private static void WalkItem(object? item, Action<Any> visit)
    {
        if (item is IMessage message) Walk(message, visit);
    }

    /// <summary>Dapr's own files, found by the descriptors that generated code carries, and those beside the cases.</summary>
    private static Dictionary<string, FileDescriptor>.ValueCollection AllFiles()
    {
        var seen = new Dictionary<string, FileDescriptor>();
        foreach (var type in typeof(Dapr.Client.Autogen.Grpc.v1.GetMetadataRequest).Assembly.GetExportedTypes())
            if (type.GetProperty("Descriptor", System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)?.GetValue(null) is FileDescriptor file) Add(file);
        Add(global::Golden.EchoReflection.Descriptor);
        Add(Lepton.Sidecar.Workflow.Protos.TaskhubReflection.Descriptor);
        Add(Grpc.Reflection.V1.ReflectionReflection.Descriptor);
        Add(Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor);
        Add(StringValue.Descriptor.File);
        return seen.Values;

        void Add(FileDescriptor file)
        {
            if (!seen.TryAdd(file.Name, file)) return;
            foreach (var dependency in file.Dependencies) Add(dependency);
        }
    }

}
