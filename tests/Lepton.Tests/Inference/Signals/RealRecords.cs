namespace Lepton.Tests.Inference.Signals;

internal static class RealRecords
{
    // Path of the MIT-BIH records; the test skips with one line where they are not at hand.
    internal static string Folder()
    {
        var data = Environment.GetEnvironmentVariable("LEPTON_DATA");
        var folder = Path.Combine(data ?? "", "healthcare", "mitdb");
        Assert.SkipUnless(data is not null && Directory.Exists(folder), "LEPTON_DATA is not set to a folder with healthcare/mitdb: real ECG records are not tried.");
        return folder;
    }
}
