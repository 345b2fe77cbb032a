using System.Collections.Frozen;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Gates;
using Lepton.Inference;
using Lepton.Workflows.Gates;

namespace Lepton.Workflows.Pipelines;

/// <summary>The pipelines that this node serves, by name; read once at start. A faulty pipeline stays off, the others run.</summary>
internal sealed class PipelineBook
{
    /// <summary>A payload is kept as base64 in one state item, and a gRPC message of the sidecar may have 4 MiB.</summary>
    private const long MostPayloadBytes = 2816 << 10;

    private readonly FrozenDictionary<string, Tier> tiers;

    public PipelineBook(IReadOnlyCollection<Tier> tiers, IReadOnlyList<Fault> faults)
    {
        this.tiers = tiers.ToFrozenDictionary(tier => tier.Pipeline.Name);
        Names = [.. this.tiers.Keys.Order(StringComparer.Ordinal)];
        Faults = faults;
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Everything wrong with the files: of pipelines that are off, and of their models.</summary>
    public IReadOnlyList<Fault> Faults { get; }

    public IEnumerable<Tier> Tiers => Names.Select(name => tiers[name]);

    public Tier? Tier(string pipeline) => tiers.GetValueOrDefault(pipeline);

    public Pipeline? Find(string pipeline) => Tier(pipeline)?.Pipeline;

    /// <summary>How far the tiers' answers of a pipeline may differ and still agree.</summary>
    public Tolerance ToleranceOf(string pipeline) => Tier(pipeline)?.Gate?.Settings.Tolerance ?? new Tolerance(0);

    /// <summary>Reads <c>pipelines/*.yaml</c> below the resources folder and loads each pipeline's model for the given tier.</summary>
    /// <param name="resources">The folder that holds <c>pipelines/</c> and <c>models/</c>.</param>
    /// <param name="data">The folder of real data and models; null when there is none.</param>
    /// <param name="tier">This node's tier. A pipeline that has no model for it is another node's and no fault.</param>
    public static PipelineBook Load(string resources, string? data, string tier)
    {
        var faults = new List<Fault>();
        var tiers = new Dictionary<string, Tier>();
        var catalog = new ModelCatalog(resources, data);
        var folder = Path.Combine(resources, "pipelines");
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml").Concat(Directory.GetFiles(folder, "*.yml")).Order(StringComparer.Ordinal).ToArray() : [];
        if (files.Length == 0)
        {
            faults.Add(new Fault(folder, 0, "holds no pipeline", "put pipeline files (*.yaml) there, or set LEPTON_RESOURCES to the folder that holds pipelines/ and models/"));
        }

        foreach (var file in files)
        {
            foreach (var pipeline in Read(file, faults))
            {
                if (tiers.TryGetValue(pipeline.Name, out var earlier))
                {
                    faults.Add(new Fault(file, 0, $"names its pipeline '{pipeline.Name}' as '{earlier.Pipeline.File}' does", "give one of the two another name"));
                }
                else if (pipeline.Source.MaxBytes > MostPayloadBytes)
                {
                    faults.Add(new Fault(file, 0, $"`spec.source.maxBytes` is {pipeline.Source.MaxBytes}", $"write at most {MostPayloadBytes >> 10}Ki: an escalated payload is kept in one state item, which may have 4 MiB with its base64"));
                }
                else if (pipeline.Tiers.ContainsKey(tier) && TierModel.Load(pipeline, tier, catalog, faults) is { } model)
                {
                    var before = faults.Count;
                    var gate = TierGate.Of(pipeline, tier, model.Model, faults);
                    if (faults.Count == before)
                    {
                        tiers[pipeline.Name] = new Tier(pipeline, model, gate);
                    }
                    else
                    {
                        model.Dispose();
                    }
                }
            }
        }

        return new PipelineBook(tiers.Values, faults);
    }

    private static IReadOnlyList<Pipeline> Read(string file, List<Fault> faults)
    {
        try
        {
            return PipelineReader.Read(file, File.ReadAllText(file), faults);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(file, 0, $"cannot be read: {error.Message}", "check the file and its rights"));
            return [];
        }
    }
}
