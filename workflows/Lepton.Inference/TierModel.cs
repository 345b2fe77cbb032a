using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference.Series;
using Lepton.Inference.Vision;

namespace Lepton.Inference;

/// <summary>What became of one event: an answer, or a sentence saying why there is none.</summary>
/// <param name="Answer">The answer; null when there is a problem.</param>
/// <param name="Problem">What is wrong, with which field or model, and what to do; null when there is an answer.</param>
public readonly record struct TierAnswer(Answer? Answer, string? Problem);

/// <summary>One tier of one pipeline, ready to answer: the steps that make a model's inputs, the ONNX session, and the decoder of its outputs. Safe for concurrent use.</summary>
public abstract class TierModel : IDisposable
{
    /// <summary>Makes the answering end of a tier.</summary>
    /// <param name="pipeline">Its pipeline.</param>
    /// <param name="tier">The tier's name.</param>
    /// <param name="model">The model it runs.</param>
    protected TierModel(Pipeline pipeline, string tier, Model model) => (Pipeline, Tier, Model) = (pipeline, tier, model);

    /// <summary>The pipeline.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The tier: edge, fog or cloud.</summary>
    public string Tier { get; }

    /// <summary>The model in use, the first variant of the tier whose file is at hand.</summary>
    public Model Model { get; }

    /// <summary>Loads a tier's model and compiles its steps. Null when that is impossible; every reason is then in <paramref name="faults"/>, with file and cure.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="tier">The tier's name.</param>
    /// <param name="catalog">Where models are found.</param>
    /// <param name="faults">Collects every fault.</param>
    public static TierModel? Load(Pipeline pipeline, string tier, ModelCatalog catalog, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(faults);
        if (!pipeline.Tiers.TryGetValue(tier, out var plan))
        {
            faults.Add(new Fault(pipeline.File, 0, $"pipeline '{pipeline.Name}' has no tier '{tier}'", $"add `spec.tiers.{tier}` with a model"));
            return null;
        }
        var absent = new List<Fault>();
        foreach (var use in plan.Variants)
        {
            // Faults of the YAML go to the list that it was read with: all are collected there, and handed on from there.
            var collected = use.Options.Faults;
            var before = collected.Count;
            var found = catalog.Find(use, collected, absent);
            var loaded = found is null ? null
                : pipeline.Source.Kind == EventKind.Image ? ImageTierModel.Load(pipeline, tier, use, found, collected)
                : SeriesTierModel.Load(pipeline, tier, use, found, collected);
            var added = collected.Count - before;
            if (added > 0 && !ReferenceEquals(collected, faults))
            {
                faults.AddRange(collected[before..]);
                collected.RemoveRange(before, added);
            }
            if (loaded is not null || added > 0)
            {
                return loaded;
            }
        }
        // A variant whose file is elsewhere is no fault as long as another one is at hand.
        faults.AddRange(absent);
        return null;
    }

    /// <summary>Answers events, as many as possible in one run of the model. Bad input is an answer with a problem, never an exception.</summary>
    /// <param name="events">The events, each admitted by <see cref="EventInput.Read"/> for this pipeline.</param>
    /// <returns>One answer for each event, in order.</returns>
    public abstract TierAnswer[] Answer(ReadOnlySpan<EventInput> events);

    /// <summary>Closes the ONNX session.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the tier holds.</summary>
    protected abstract void Dispose(bool disposing);
}
