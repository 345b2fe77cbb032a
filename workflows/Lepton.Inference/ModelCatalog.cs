using System.Security.Cryptography;
using Lepton.Contracts.Resources;

namespace Lepton.Inference;

/// <summary>A model whose file is at hand and is the one that its <c>model.yaml</c> names by SHA-256.</summary>
/// <param name="Model">The model.</param>
/// <param name="Path">Path of its ONNX file.</param>
/// <param name="Content">The file's bytes, the very ones whose SHA-256 was compared.</param>
public sealed record FoundModel(Model Model, string Path, byte[] Content);

/// <summary>Finds models: <c>models/&lt;name&gt;/&lt;version&gt;/model.yaml</c> in the resources folder, the ONNX file below <c>LEPTON_DATA</c> or beside it.</summary>
public sealed class ModelCatalog
{
    private readonly string _resources;
    private readonly string? _data;

    /// <summary>Makes a catalog.</summary>
    /// <param name="resources">The folder that holds <c>models/</c>.</param>
    /// <param name="data">The folder of real data and models (<c>LEPTON_DATA</c>); null when there is none.</param>
    public ModelCatalog(string resources, string? data) => (_resources, _data) = (resources, data);

    // A model that is well described but whose file is elsewhere goes to `absent`: another variant may do.
    internal FoundModel? Find(ModelUse use, List<Fault> faults, List<Fault> absent)
    {
        var folder = Path.Combine([_resources, "models", .. use.Model.Split('/')]);
        var card = Path.Combine(folder, "model.yaml");
        if (use.Model.Split('/') is not [{ Length: > 0 }, { Length: > 0 }] || use.Model.Contains("..", StringComparison.Ordinal) || !File.Exists(card))
        {
            use.Options.Report("model", $"is '{use.Model}', and there is no '{card}'", "write the model as name/version, and its `model.yaml` and ONNX file into that folder");
            return null;
        }
        var before = faults.Count;
        var model = ModelReader.Read(card, File.ReadAllText(card), faults);
        if (model is null || faults.Count > before)
        {
            return null;
        }
        var candidates = Candidates(model, folder);
        foreach (var path in candidates)
        {
            var content = File.ReadAllBytes(path);
            if (Convert.ToHexStringLower(SHA256.HashData(content)) == model.Sha256)
            {
                return new FoundModel(model, path, content);
            }
        }
        if (candidates.FirstOrDefault() is { } corrupt)
        {
            faults.Add(new Fault(corrupt, 0, $"is not the file of model '{model.Id}': its SHA-256 differs from `spec.sha256` of '{card}', so it is corrupt or another version",
                "restore the file, or write the output of `sha256sum` into model.yaml"));
            return null;
        }
        absent.Add(new Fault(card, 0, $"the file '{model.ModelFile}' of model '{model.Id}' is missing",
            model.Origin is null ? $"put it into '{folder}'" : $"set LEPTON_DATA to a folder that holds models/{model.ModelFile}, or fetch it from {model.Origin}"));
        return null;
    }

    private List<string> Candidates(Model model, string folder)
    {
        var candidates = new List<string>();
        var beside = Path.Combine(folder, model.ModelFile);
        if (_data is not null && Directory.Exists(Path.Combine(_data, "models")))
        {
            candidates.AddRange(Directory.EnumerateFiles(Path.Combine(_data, "models"), Path.GetFileName(model.ModelFile), SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        }
        if (File.Exists(beside))
        {
            candidates.Add(beside);
        }
        return candidates;
    }
}
