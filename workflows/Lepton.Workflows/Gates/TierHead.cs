using System.Security.Cryptography;
using System.Text.Json;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Gates;
using Lepton.Inference.Onnx;
using Lepton.Workflows.Admission;

namespace Lepton.Workflows.Gates;

/// <summary>A gate's head, named by the model's card: how likely the tier above differs, in place of the scores' own doubt. Not safe for use by several threads.</summary>
internal sealed class TierHead : IDisposable
{
    private readonly int classes;
    private readonly int[] values;
    private readonly GateHead? logistic;
    private readonly HeadModel? boosted;
    private readonly double[] features;

    private TierHead(int classes, int[] values, string file)
    {
        (this.classes, this.values, features) = (classes, values, new double[GateHead.Width(classes, values.Length)]);
        (logistic, boosted) = file.EndsWith(".onnx", StringComparison.Ordinal) ? (null, HeadModel.Load(file)) : (new GateHead(classes, WeightsOf(file)), default(HeadModel));
        Hash = $"{logistic?.Hash() ?? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}({string.Join(',', values)})";
    }

    /// <summary>Differs for different heads, and for other values that they look at.</summary>
    public string Hash { get; }

    /// <summary>Reads <c>gateHead: {file, inputs}</c> of a model's card; null when it names none, or with faults.</summary>
    public static TierHead? Read(Pipeline pipeline, Model model, int classes, List<Fault> faults)
    {
        if (model.Options.Map("gateHead") is not { } card)
        {
            return null;
        }

        var before = faults.Count;
        void Report(string member, string problem, string cure) => faults.Add(new Fault(card.File, card.LineOf(member), $"`{card.Path}.{member}` {problem}", cure));
        var (file, names, known) = (card.Text("file", "")!, card.Texts("inputs"), pipeline.Source.Values.ToList());
        card.Close();
        if (classes == 1)
        {
            Report("file", $"is '{file}', and model '{model.Id}' gives no scores for a head to look at", "delete `gateHead`: only classifiers have one");
        }

        foreach (var name in names.Except(known))
        {
            Report("inputs", $"names '{name}', which is no value of pipeline '{pipeline.Name}'", $"use some of {string.Join(", ", known)}, in the order of the x columns that the head was fitted on");
        }

        var path = Path.Combine(Path.GetDirectoryName(model.File)!, file);
        if (Path.GetFileName(file) != file || !File.Exists(path))
        {
            Report("file", $"is '{file}', and there is no such file beside the card", "put it there: what `lepton gate fit --head logistic --output json` prints, or the ONNX file of `lepton train head`");
        }

        if (faults.Count > before)
        {
            return null;
        }

        TierHead? head = null;
        var problem = "";
        try
        {
            head = new TierHead(classes, [.. names.Select(name => known.IndexOf(name))], path);
            var width = head.boosted?.Features ?? head.logistic!.Weights.Count - 1;
            problem = width == head.features.Length ? "" : $"it looks at {width} features, and {classes} labels with {names.Count} inputs make {head.features.Length}";
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            problem = error.Message.ReplaceLineEndings(" ");
        }

        if (problem.Length == 0)
        {
            return head;
        }

        Report("file", $"is '{file}', which cannot be this model's head: {problem}", "fit it on a file with a p column for each label of the model and an x column for each of `inputs`");
        head?.Dispose();
        return null;
    }

    /// <summary>The doubt of an answer, which the gate compares; null where there are no readable scores. NaN, which is never accepted, when the head makes no number of it.</summary>
    public double? DoubtOf(AdmittedEvent admitted, Answer answer, GateSettings settings)
    {
        if (answer.Scores is not { } scores || scores.Length != classes || Scores.Read(scores, settings.Score, settings.Softmax) is not { Valid: true } reading)
        {
            return null;
        }

        float[] inputs = admitted.Input.Series is { } series ? [.. values.Select(index => (float)series.Values[index])] : [];
        if (logistic is not null)
        {
            return logistic.Probability(reading, inputs);
        }

        GateHead.Fill(reading, inputs, classes, features);
        return boosted!.Probability(features);
    }

    /// <inheritdoc/>
    public void Dispose() => boosted?.Dispose();

    /// <summary>The weights in what <c>lepton gate fit --output json</c> printed.</summary>
    private static double[] WeightsOf(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("head", out var head) && head.ValueKind == JsonValueKind.Object
            && head.TryGetProperty("weights", out var weights) && weights.ValueKind == JsonValueKind.Array
            && weights.EnumerateArray().All(weight => weight.ValueKind == JsonValueKind.Number && double.IsFinite(weight.GetDouble())))
        {
            return [.. weights.EnumerateArray().Select(weight => weight.GetDouble())];
        }

        throw new InvalidDataException("it holds no `head.weights`, which `lepton gate fit --output json` prints when a logistic head was taken");
    }
}
