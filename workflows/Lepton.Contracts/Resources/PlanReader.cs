namespace Lepton.Contracts.Resources;

/// <summary>Reads Plan resources from YAML.</summary>
public static class PlanReader
{
    private const double Least = 1e-9;

    /// <summary>Reads the one plan of a file; null when it has faults, which are added to <paramref name="faults"/>.</summary>
    public static Plan? Read(string file, string text, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var documents = YamlMap.Parse(file, text, faults);
        if (documents.Count != 1)
        {
            if (faults.Count == before)
            {
                faults.Add(new Fault(file, 0, $"holds {documents.Count} documents", "write one `kind: Plan` document"));
            }

            return null;
        }

        var document = documents[0];
        ResourceHeader.Check(document, "Plan");
        var metadata = document.RequiredMap("metadata", "add `metadata: {name: ...}`");
        var name = metadata.RequiredText("name", "give the plan a name such as `ten-crossings`");
        metadata.Close();
        var spec = document.RequiredMap("spec", "add `spec:` with `queueing:` or `share:`");
        var queueing = spec.Map("queueing");
        var share = spec.Map("share");
        if (queueing is null && share is null && faults.Count == before)
        {
            spec.Report("queueing", "is missing, and so is `spec.share`", "describe sites, stages and objectives below `queueing:`, or bounds below `share:`");
        }

        var plan = new Plan
        {
            Name = name,
            File = file,
            Queueing = queueing is null ? null : ReadQueueing(queueing),
            Share = share is null ? null : ReadShare(share),
        };
        spec.Close();
        document.Close();
        return faults.Count == before ? plan : null;
    }

    private static QueueingInput ReadQueueing(YamlMap map)
    {
        var arrivals = map.RequiredMap("arrivals", "add `arrivals: {rate: 20}`, the events per second at each site");
        var link = map.RequiredMap("link", "add `link: {roundTrip: 40ms, payload: 50k}`");
        var escalation = map.RequiredMap("escalation", "add `escalation: {share: 0.3}`, as the gate reports it");
        var objectives = map.RequiredMap("objectives", "add `objectives: {local: 100ms, escalated: 400ms}`");
        var input = new QueueingInput
        {
            Sites = map.WholeNumber("sites", 1, 1, 1_000_000),
            Rate = Required(arrivals, "rate", "write the events per second, such as 20", Least),
            ArrivalVariation = arrivals.Number("variation", 1, 0),
            Edge = ReadStage(map.RequiredMap("edge", "add `edge: {service: 20ms, maxCores: 16}`")),
            Cloud = ReadStage(map.RequiredMap("cloud", "add `cloud: {service: 50ms, maxCores: 256}`")),
            RoundTrip = Seconds(link, "roundTrip"),
            Payload = RequiredBytes(link, "payload"),
            MaxBandwidth = Bandwidth(link, "maxBandwidth"),
            BandwidthPrice = link.Number("price", 0, 0),
            Escalation = Required(escalation, "share", "write the share of events that are escalated, such as 0.3", 0, 1),
            Shadow = escalation.Number("shadow", 0.05, 0, 1),
            LocalObjective = PositiveSeconds(objectives, "local"),
            EscalatedObjective = PositiveSeconds(objectives, "escalated"),
            Quantile = objectives.Number("quantile", 0.95, 0.5, 0.9999),
            MaxUtilisation = map.Number("maxUtilisation", 0.8, 0.01, 0.99),
        };
        if (input.LocalObjective > 0 && input.EscalatedObjective > 0 && input.EscalatedObjective < input.LocalObjective)
        {
            objectives.Report("escalated", "is shorter than `local`", "an escalated event passes the edge first: give it at least the time of a local one");
        }

        arrivals.Close();
        link.Close();
        escalation.Close();
        objectives.Close();
        map.Close();
        return input;
    }

    private static StageInput ReadStage(YamlMap map)
    {
        double? quantile = map.Has("quantile") ? PositiveSeconds(map, "quantile") : null;
        var stage = new StageInput(PositiveSeconds(map, "service"), map.Number("variation", 1, 0), quantile, map.WholeNumber("maxCores", 1024, 1), map.Number("price", 0, 0));
        if (quantile > 0 && quantile < stage.Service)
        {
            map.Report("quantile", "is shorter than the mean `service`", "write the measured quantile of the service time, or leave it out");
        }

        map.Close();
        return stage;
    }

    private static ShareInput ReadShare(YamlMap map)
    {
        var bandwidth = map.RequiredMap("bandwidth", "add `bandwidth: {perStorage: 0.1}`");
        var input = new ShareInput
        {
            EdgeCompute = ReadBounds(map, "edgeCompute"),
            CloudCompute = ReadBounds(map, "cloudCompute"),
            EdgeStorage = ReadBounds(map, "edgeStorage"),
            CloudStorage = ReadBounds(map, "cloudStorage"),
            BandwidthPerStorage = Required(bandwidth, "perStorage", "write the bandwidth that a unit of storage needs, such as 0.1", Least),
            MaxBandwidth = bandwidth.Number("most", double.PositiveInfinity, 0),
            BandwidthPrice = bandwidth.Number("price", 0, 0),
            Budget = map.Number("budget", double.PositiveInfinity, 0),
        };
        if (double.IsFinite(input.Budget) && input is { EdgeCompute.Price: 0, CloudCompute.Price: 0, EdgeStorage.Price: 0, CloudStorage.Price: 0, BandwidthPrice: 0 })
        {
            map.Report("budget", "limits nothing, since no `price` is given", "give prices to what costs money, or leave the budget out");
        }

        bandwidth.Close();
        map.Close();
        return input;
    }

    private static ShareBounds ReadBounds(YamlMap map, string key)
    {
        var bounds = map.RequiredMap(key, $"add `{key}: {{least: 5}}`");
        var read = new ShareBounds(Required(bounds, "least", "write what is needed at least", Least), bounds.Number("most", double.PositiveInfinity, 0), bounds.Number("price", 0, 0));
        bounds.Close();
        return read;
    }

    private static double Required(YamlMap map, string key, string cure, double least, double most = double.PositiveInfinity)
    {
        map.RequiredText(key, cure);
        return map.Text(key) is { Length: > 0 } ? map.Number(key, least, least, most) : 0;
    }

    private static double Seconds(YamlMap map, string key)
    {
        map.RequiredText(key, "write a length of time such as 40ms");
        return map.Text(key) is { Length: > 0 } ? map.Duration(key, TimeSpan.Zero).TotalSeconds : 0;
    }

    private static double PositiveSeconds(YamlMap map, string key)
    {
        var faults = map.Faults.Count;
        var seconds = Seconds(map, key);
        if (seconds <= 0 && map.Faults.Count == faults)
        {
            map.Report(key, "is 0", "write a length of time above 0, such as 40ms");
        }

        return seconds;
    }

    private static double RequiredBytes(YamlMap map, string key)
    {
        map.RequiredText(key, "write a size such as 50k");
        return map.Text(key) is { Length: > 0 } ? map.Bytes(key, 0) : 0;
    }

    private static double Bandwidth(YamlMap map, string key)
    {
        if (map.Text(key) is not { } text)
        {
            return double.PositiveInfinity;
        }

        if (Quantity.TryBandwidth(text, out var bits))
        {
            return bits;
        }

        map.Report(key, $"is '{text}', which is no bandwidth", "write it as 500kbit/s, 8Mbit/s or 1Gbit/s");
        return double.PositiveInfinity;
    }
}
