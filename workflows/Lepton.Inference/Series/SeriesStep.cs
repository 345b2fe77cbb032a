using Lepton.Contracts.Resources;

namespace Lepton.Inference.Series;

// One row of the table that steps work on: a signal, a device's baseline of a signal, or values.
internal sealed record Row(string Name, int Length);

// A compiled preprocessing step. Rows and their lengths are known when the pipeline is loaded; nothing is allocated per event.
internal abstract class SeriesStep
{
    // The rows after this step; faults go to the step's own YAML.
    internal abstract IReadOnlyList<Row> Compile(Pipeline pipeline, IReadOnlyList<Row> rows);

    // Both spans hold the rows one after the other.
    internal abstract void Apply(EventInput input, ReadOnlySpan<float> source, Span<float> destination);

    internal static SeriesStep? Create(StepPlan plan)
    {
        var arguments = plan.Arguments;
        SeriesStep? step = plan.Name switch
        {
            "take" => new TakeSignals(arguments),
            "baseline" => new TakeBaseline(arguments),
            "values" => new TakeValues(arguments),
            "subtractBaseline" => new SubtractBaseline(),
            "window" => new Window(arguments),
            "resample" => new Resample(arguments),
            "derivative" => new Derivative(),
            "centre" => new Centre(),
            "normalise" => new Normalise(),
            "scale" => new Scale(arguments),
            "features" => new Features(arguments),
            _ => null,
        };
        if (step is null)
        {
            // An operator without a name was reported when the file was read.
            if (plan.Name.Length > 0)
            {
                arguments.Report("step", $"is '{plan.Name}'", "use one of take, baseline, values, subtractBaseline, window, resample, derivative, centre, normalise, scale, features");
            }
            return null;
        }
        arguments.Close();
        return step;
    }
}
