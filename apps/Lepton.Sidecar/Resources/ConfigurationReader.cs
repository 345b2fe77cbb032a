using System.Globalization;
using Lepton.Contracts.Resources;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads the parts of a Configuration that mean something here.</summary>
internal static class ConfigurationReader
{
    internal static Configuration Read(YamlMap document)
    {
        var spec = document.Map("spec");
        var rate = spec?.Map("tracing")?.Text("samplingRate");
        return new Configuration
        {
            SamplingRate = double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0,
            Features = [.. (spec?.Maps("features") ?? []).Where(f => f.Flag("enabled", false)).Select(f => f.Text("name", "")!)],
        };
    }
}
