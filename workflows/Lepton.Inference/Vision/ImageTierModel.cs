using Lepton.Contracts.Resources;

namespace Lepton.Inference.Vision;

// Where the tiers of image pipelines are made.
internal static class ImageTierModel
{
    internal static TierModel? Load(Pipeline pipeline, string tier, ModelUse use, FoundModel found, List<Fault> faults)
    {
        use.Options.Report("model", $"is '{found.Model.Id}' for tier '{tier}' of pipeline '{pipeline.Name}', and image models are not served yet", "use a series pipeline");
        return null;
    }
}
