using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference;

namespace Lepton.Tests.Inference.Vision;

/// <summary>The street pipeline of the repository.</summary>
internal static class Street
{
    private static readonly string Resources = Repository.Repository.Path("workflows");

    public static Pipeline Pipeline { get; } = Read();

    public static TierModel Load(string tier, string? data)
    {
        var faults = new List<Fault>();
        var model = TierModel.Load(Pipeline, tier, new ModelCatalog(Resources, data), faults);
        Assert.True(model is not null && faults.Count == 0, string.Join('\n', faults));
        return model!;
    }

    public static Answer Ask(TierModel tier, string device, byte[] image, string media = "image/jpeg")
    {
        EventInput[] one = [EventInput.Read(Pipeline, device, media, image, null, out var problem) ?? throw new InvalidOperationException(problem)];
        var answer = tier.Answer(one)[0];
        return answer.Answer ?? throw new InvalidOperationException(answer.Problem);
    }

    private static Pipeline Read()
    {
        var (faults, file) = (new List<Fault>(), Path.Combine(Resources, "pipelines", "street.yaml"));
        var pipelines = PipelineReader.Read(file, File.ReadAllText(file), faults);
        Assert.True(pipelines.Count == 1, string.Join('\n', faults));
        return pipelines[0];
    }
}
