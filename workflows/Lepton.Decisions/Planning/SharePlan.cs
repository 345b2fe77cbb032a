namespace Lepton.Decisions.Planning;

/// <summary>The thriftiest amounts with the smallest edge share.</summary>
/// <param name="Share">The larger of the edge's shares in computing power and in storage.</param>
/// <param name="Ratio">The cloud's amount for each unit at the edge, (1 - share) / share.</param>
/// <param name="EdgeCompute">Computing power at the edge.</param>
/// <param name="CloudCompute">Computing power in the cloud.</param>
/// <param name="EdgeStorage">Storage at the edge.</param>
/// <param name="CloudStorage">Storage in the cloud.</param>
/// <param name="Bandwidth">Bandwidth.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Binding">The limits that keep the share from being smaller: cloudCompute, cloudStorage, bandwidth, budget.</param>
/// <param name="ShadowPrices">By how much the share changes for one more unit of each input that matters; where several limits bind, this holds only in the direction in which the share grows.</param>
public sealed record SharePlan(
    double Share, double Ratio, double EdgeCompute, double CloudCompute, double EdgeStorage, double CloudStorage, double Bandwidth, double Cost,
    IReadOnlyList<string> Binding, IReadOnlyDictionary<string, double> ShadowPrices);
