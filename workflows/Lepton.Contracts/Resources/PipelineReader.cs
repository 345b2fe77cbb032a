using System.Text.RegularExpressions;

namespace Lepton.Contracts.Resources;

/// <summary>Reads Pipeline resources from YAML.</summary>
public static partial class PipelineReader
{
    private static readonly string[] TierNames = ["edge", "fog", "cloud"];

    /// <summary>Reads the pipelines of one file. Documents of another kind are faults. Every fault found is added to <paramref name="faults"/>.</summary>
    public static IReadOnlyList<Pipeline> Read(string file, string text, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var pipelines = new List<Pipeline>();
        foreach (var document in YamlMap.Parse(file, text, faults))
        {
            var before = faults.Count;
            var pipeline = ReadOne(document);
            if (faults.Count == before)
            {
                pipelines.Add(pipeline);
            }
        }

        return pipelines;
    }

    private static Pipeline ReadOne(YamlMap document)
    {
        ResourceHeader.Check(document, "Pipeline");
        var metadata = document.RequiredMap("metadata", "add `metadata: {name: ...}`");
        var name = metadata.RequiredText("name", "give the pipeline a name such as `machine-failure`");
        if (name.Length > 0 && !NameForm().IsMatch(name))
        {
            metadata.Report("name", $"is '{name}'", "use lower-case letters, digits and dashes, at most 63, beginning with a letter");
        }

        var title = metadata.Text("title", name)!;
        metadata.Close();
        var spec = document.RequiredMap("spec", "add `spec:` with source, tiers and gate");
        var pipeline = new Pipeline
        {
            Name = name,
            File = document.File,
            Title = title,
            Domain = spec.Text("domain", "general")!,
            Source = ReadSource(spec.RequiredMap("source", "add `source: {kind: series, ...}` or `source: {kind: image}`")),
            Durability = spec.Choice("durability", "escalation", "escalation", "event") == "event" ? Durability.Event : Durability.Escalation,
            DedupeFor = spec.Duration("dedupeFor", TimeSpan.FromDays(7)),
            Tiers = ReadTiers(spec),
            Gate = GateReader.ReadGate(spec.Map("gate")),
            Escalation = GateReader.ReadEscalation(spec.Map("escalate")),
            Privacy = spec.Choice("privacy", "free", "free", "features-only", "local-only") switch { "local-only" => Privacy.LocalOnly, "features-only" => Privacy.FeaturesOnly, _ => Privacy.Free },
            Baseline = ReadBaseline(spec.Map("twin")),
            PositiveLabel = spec.Text("positiveLabel"),
        };
        spec.Close();
        document.Close();
        CheckTogether(pipeline, spec);
        return pipeline;
    }

    private static EventSource ReadSource(YamlMap source)
    {
        var kind = source.RequiredText("kind", "write `kind: series` or `kind: image`") switch
        {
            "image" => EventKind.Image,
            "series" or "" => EventKind.Series,
            var other => Unknown(source, other),
        };
        var signals = new Dictionary<string, int>();
        if (source.Map("signals") is { } lengths)
        {
            foreach (var signal in lengths.Keys)
            {
                signals[signal] = lengths.WholeNumber(signal, 1, 1, 1_000_000);
            }
        }

        var read = new EventSource
        {
            Kind = kind,
            MaxBytes = source.Bytes("maxBytes", 256 << 10),
            Signals = signals,
            Values = source.Texts("values"),
            Replay = [.. source.Maps("replay").Select(ReadReplay)],
        };
        if (kind == EventKind.Series && source.Has("kind") && read.Signals.Count == 0 && read.Values.Count == 0)
        {
            source.Report("kind", "is series, but neither `signals` nor `values` are named", "name the signals with their lengths (`signals: {lead1: 256}`) or the values (`values: [speed, load]`)");
        }

        source.Close();
        return read;

        static EventKind Unknown(YamlMap source, string kind)
        {
            source.Report("kind", $"is '{kind}'", "use one of series, image");
            return EventKind.Series;
        }
    }

    private static ReplaySource ReadReplay(YamlMap replay) => new(
        replay.RequiredText("reader", "name the reader, such as `csv`"),
        replay.Text("path"),
        replay.Number("rate", 10, 0.001, 1_000_000),
        replay);

    private static Dictionary<string, TierPlan> ReadTiers(YamlMap spec)
    {
        var tiers = new Dictionary<string, TierPlan>();
        var map = spec.RequiredMap("tiers", "add `tiers:` with `edge:` and the tier above it");
        foreach (var tier in TierNames)
        {
            if (map.Map(tier) is not { } plan)
            {
                continue;
            }

            var variants = plan.Has("variants") ? plan.Maps("variants") : [plan];
            tiers[tier] = new TierPlan([.. variants.Select(ReadUse)]);
            if (plan.Has("variants"))
            {
                plan.Close();
            }
        }

        map.Close();
        return tiers;
    }

    private static ModelUse ReadUse(YamlMap use)
    {
        var inputs = new Dictionary<string, IReadOnlyList<StepPlan>>();
        if (use.Map("inputs") is { } map)
        {
            foreach (var input in map.Keys)
            {
                inputs[input] = [.. map.Maps(input).Select(step => new StepPlan(step.RequiredText("step", "name the operator: `- step: take`"), step))];
            }
        }

        return new ModelUse(use.RequiredText("model", "name the model as name/version, such as `ecg-edge/1`"), inputs, use);
    }

    private static BaselinePlan? ReadBaseline(YamlMap? twin)
    {
        if (twin is null)
        {
            return null;
        }

        BaselinePlan? plan = null;
        if (twin.Map("baseline") is { } baseline)
        {
            plan = new BaselinePlan(baseline.Texts("signals"), baseline.Duration("window", TimeSpan.FromMinutes(5)), baseline.Text("at"));
            baseline.Close();
        }

        twin.Close();
        return plan;
    }

    private static void CheckTogether(Pipeline pipeline, YamlMap spec)
    {
        if (spec.Has("tiers") && pipeline.Tiers.Count == 0)
        {
            spec.Report("tiers", "names no tier", "add `edge:` and `cloud:`");
        }

        if (pipeline.Tiers.Count > 0 && !pipeline.Tiers.ContainsKey(pipeline.Escalation.To))
        {
            spec.Report("tiers", $"has no '{pipeline.Escalation.To}', which `escalate.to` asks", $"add `{pipeline.Escalation.To}:` with its model, or change `escalate.to`");
        }

        foreach (var value in pipeline.Gate.Novelty.Except(pipeline.Source.Values))
        {
            spec.Report("gate", $"looks for novelty in '{value}', which is no value of the source", $"use one of {string.Join(", ", pipeline.Source.Values)}");
        }

        foreach (var signal in pipeline.Baseline?.Signals ?? [])
        {
            if (!pipeline.Source.Signals.ContainsKey(signal))
            {
                spec.Report("twin", $"keeps a baseline of '{signal}', which is no signal of the source", $"use one of {string.Join(", ", pipeline.Source.Signals.Keys)}");
            }
        }

        if (pipeline.Baseline?.At is { } at && !pipeline.Source.Values.Contains(at, StringComparer.Ordinal))
        {
            spec.Report("twin", $"takes its time from '{at}', which is no value of the source", $"use one of {string.Join(", ", pipeline.Source.Values)}");
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$")]
    private static partial Regex NameForm();
}
