namespace Lepton.Contracts.Resources;

/// <summary>A model file and how to use it.</summary>
public sealed record Model
{
    /// <summary>The model's name, the name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The version, the name of the folder below it.</summary>
    public required string Version { get; init; }

    /// <summary>The <c>model.yaml</c> it was read from.</summary>
    public required string File { get; init; }

    /// <summary>File name of the ONNX file, beside <c>model.yaml</c> or below <c>LEPTON_DATA</c>.</summary>
    public required string ModelFile { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where the file can be had when it is not in the repository; null when it is.</summary>
    public Uri? Origin { get; init; }

    /// <summary>How the output tensors become an answer: the decoder's name, such as <c>probabilities</c>, <c>logits</c>, <c>value</c> or a detector's.</summary>
    public required string Decoder { get; init; }

    /// <summary>Labels in the order of the scores.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Licence of the model file.</summary>
    public required string Licence { get; init; }

    /// <summary>The whole YAML of <c>spec</c>, for decoders that read further options.</summary>
    public required YamlMap Options { get; init; }

    /// <summary>The model as <c>name/version</c>.</summary>
    public string Id => $"{Name}/{Version}";
}

/// <summary>Reads Model resources from YAML.</summary>
public static class ModelReader
{
    /// <summary>Reads the one model of a <c>model.yaml</c>; null when it has faults, which are added to <paramref name="faults"/>.</summary>
    public static Model? Read(string file, string text, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var documents = YamlMap.Parse(file, text, faults);
        if (documents.Count != 1)
        {
            if (faults.Count == before)
            {
                faults.Add(new Fault(file, 0, $"holds {documents.Count} documents", "write one `kind: Model` document"));
            }

            return null;
        }

        var document = documents[0];
        ResourceHeader.Check(document, "Model");
        var metadata = document.RequiredMap("metadata", "add `metadata: {name: ..., version: ...}`");
        var spec = document.RequiredMap("spec", "add `spec:` with sha256, decoder and labels");
        var sha256 = spec.RequiredText("sha256", "write the output of `sha256sum model.onnx`");
        if (sha256.Length > 0 && (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower)))
        {
            spec.Report("sha256", $"is '{sha256}'", "write 64 lower-case hexadecimal digits, the output of `sha256sum model.onnx`");
        }

        Uri? origin = null;
        if (spec.Text("origin") is { } address && !Uri.TryCreate(address, UriKind.Absolute, out origin))
        {
            spec.Report("origin", $"is '{address}'", "write a whole address such as https://host/path/model.onnx");
        }

        var model = new Model
        {
            Name = metadata.RequiredText("name", "give the model the name of its folder"),
            Version = metadata.RequiredText("version", "give the model the name of its version's folder"),
            File = file,
            ModelFile = spec.Text("file", "model.onnx")!,
            Sha256 = sha256,
            Origin = origin,
            Decoder = spec.RequiredText("decoder", "name the decoder, such as `probabilities`"),
            Labels = spec.Texts("labels"),
            Licence = spec.RequiredText("licence", "name the licence of the model file, such as Apache-2.0"),
            Options = spec,
        };
        metadata.Close();
        document.Close();
        return faults.Count == before ? model : null;
    }
}
