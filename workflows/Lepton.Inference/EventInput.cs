using Lepton.Contracts.Resources;
using Lepton.Inference.Vision;

namespace Lepton.Inference;

/// <summary>One event as a model sees it: admitted, parsed, and with the device's own baseline where its twin has one.</summary>
public sealed record EventInput
{
    /// <summary>The device, which is the source of its event.</summary>
    public required string Device { get; init; }

    /// <summary>The payload bytes as they came: JSON of a series, or an encoded image.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The parsed series; null for an image.</summary>
    public SeriesData? Series { get; init; }

    /// <summary>The device's baseline by signal name, each as long as the signal; null when there is none yet.</summary>
    public IReadOnlyDictionary<string, float[]>? Baseline { get; init; }

    /// <summary>Admits a payload. Null when it is not what the pipeline expects; <paramref name="problem"/> then says what is wrong and what to send instead.</summary>
    /// <param name="pipeline">The pipeline whose event this is.</param>
    /// <param name="device">The event's source.</param>
    /// <param name="contentType">Media type of the payload; parameters such as a charset are allowed.</param>
    /// <param name="data">The payload bytes.</param>
    /// <param name="baseline">The device's baseline, or null.</param>
    /// <param name="problem">A sentence naming the field, the pipeline and the cure; empty when the payload is admitted.</param>
    public static EventInput? Read(Pipeline pipeline, string device, string contentType, ReadOnlyMemory<byte> data,
        IReadOnlyDictionary<string, float[]>? baseline, out string problem)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(contentType);
        var source = pipeline.Source;
        var media = contentType.Split(';')[0].Trim().ToLowerInvariant();
        SeriesData? series = null;
        problem = source.Kind switch
        {
            _ when data.Length > source.MaxBytes => $"the payload has {data.Length} bytes, and pipeline '{pipeline.Name}' admits {source.MaxBytes}; send less or raise `spec.source.maxBytes`",
            _ when data.IsEmpty => $"the payload is empty; send {(source.Kind == EventKind.Image ? "an encoded image" : "a JSON object with signals and values")} to pipeline '{pipeline.Name}'",
            EventKind.Series when media is not "application/json" && !media.EndsWith("+json", StringComparison.Ordinal) =>
                $"the content type is '{media}', and pipeline '{pipeline.Name}' takes a series; send application/json",
            EventKind.Series => SeriesData.Parse(pipeline, data.Span, out series),
            _ => ImageAdmission.Refuse(media, data.Span) ?? "",
        };
        return problem.Length > 0 ? null : new EventInput { Device = device, Data = data, Series = series, Baseline = baseline };
    }
}
