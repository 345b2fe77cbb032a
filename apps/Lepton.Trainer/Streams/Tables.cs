using System.Globalization;
using System.IO.Compression;

namespace Lepton.Trainer.Streams;

// A labelled table: what the edge's model sees of a row, all of it, and its class.
internal sealed record Table(string Name, int Classes, float[][] Edge, float[][] Cloud, int[] Labels);

internal static class Tables
{
    private static readonly string[] Risks = ["low risk", "mid risk", "high risk"];

    // Each is read when it is its turn; one that is not there is left out with a word.
    internal static IEnumerable<Func<Table>> In(string data)
    {
        (string Path, Func<string, Table> Read)[] known =
        [
            ("manufacturing/ai4i2020_rows1-7000.csv", Machines), ("finance/ulb_creditcard_sample_first70pct_by_time.csv", Cards),
            ("finance/uci_default_of_credit_card_rows1-22000.csv.gz", Clients), ("healthcare/maternal_vitals_train.csv", Vitals), ("manufacturing/fan_accelerometer_first70pct.csv.gz", FanWindows.Read),
        ];
        foreach (var (relative, read) in known)
        {
            var path = Path.Combine(data, relative);
            if (File.Exists(path))
            {
                yield return () => read(path);
            }
            else
            {
                Console.Error.WriteLine($"lepton train: there is no '{path}', so that its stream is left out");
            }
        }
    }

    internal static IEnumerable<string[]> Rows(string path)
    {
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : File.OpenRead(path));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }

    internal static float Number(string field) => float.Parse(field, CultureInfo.InvariantCulture);

    // The edge sees the raw values; the cloud also power, temperature gap, wear times torque, and the quality class.
    private static Table Machines(string path) => Of("machine", 2, path, row =>
    {
        float air = Number(row[3]), process = Number(row[4]), speed = Number(row[5]), torque = Number(row[6]), wear = Number(row[7]);
        float type = row[2] switch { "L" => 0, "M" => 1, _ => 2 };
        return ([air, process, speed, torque, wear, type], [air, process, speed, torque, wear, type, torque * speed, process - air, torque * wear], row[8] == "1" ? 1 : 0);
    });

    private static Table Cards(string path) => Of("card", 2, path, row =>
        ([Number(row[29]), Number(row[14]), Number(row[4]), Number(row[12]), Number(row[10])], [.. row[1..30].Select(Number)], row[30] == "1" ? 1 : 0));

    private static Table Clients(string path) => Of("client", 2, path, row => ([Number(row[1]), Number(row[6]), Number(row[7])], [.. row[1..24].Select(Number)], row[24] == "1" ? 1 : 0));

    // Pressure and pulse come from a cuff and a watch; blood sugar and the rest from a nurse.
    private static Table Vitals(string path) => Of("vitals", 3, path, row => ([Number(row[1]), Number(row[2]), Number(row[5])], [.. row[..6].Select(Number)], Array.IndexOf(Risks, row[6])));

    private static Table Of(string name, int classes, string path, Func<string[], (float[] Edge, float[] Cloud, int Label)> read)
    {
        try
        {
            var rows = Rows(path).Select(read).ToArray();
            return new(name, classes, [.. rows.Select(row => row.Edge)], [.. rows.Select(row => row.Cloud)], [.. rows.Select(row => row.Label)]);
        }
        catch (Exception error) when (error is FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' is not the table that its name says: {error.Message} Compare it with SOURCES.md beside it.");
        }
    }
}
