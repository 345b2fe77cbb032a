namespace Lepton.Node;

/// <summary>What goes to the console: our own lines, and of the libraries below only what an operator can act on.</summary>
internal static class NodeConsole
{
    public static void AddNodeConsole(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.AddFilter("", LogLevel.Warning);
        logging.AddFilter("Lepton", LogLevel.Information);
        // These two report each failed attempt at warning or error level; the sidecar watch and the lanes say what it means.
        logging.AddFilter("Dapr.Workflow", LogLevel.Critical);
        logging.AddFilter("Polly", LogLevel.Critical);
        logging.AddFilter("System.Net.Http", LogLevel.Error);
        // A port in use is told in one sentence by NodeHost.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
    }
}
