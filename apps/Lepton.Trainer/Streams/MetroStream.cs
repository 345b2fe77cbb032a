using System.Globalization;
using Lepton.Decisions.Gates;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Lepton.Trainer.Streams;

// A regression: the edge knows the usual volume of each hour of the week and how far it strays; the cloud's boosted trees also see weather, season and the hour
// before. They disagree when they differ by more than the tolerance. Weeks that are scored were left out of training.
internal static class MetroStream
{
    internal const double Tolerance = 500;
    private const int Folds = 5, HoursOfWeek = 168;

    internal static ScoreWriter Write(string folder, string path)
    {
        var hours = Read(path);
        var writer = ScoreWriter.OfDoubts(folder, "metro", 2, $"vehicles an hour; they differ from {Tolerance} on");
        var answers = new (double Edge, double Stray, double Cloud)[hours.Length];
        for (var fold = 0; fold < Folds; fold++)
        {
            Hour[] fits = [.. hours.Where(hour => hour.Week % Folds != fold)];
            int[] held = [.. Enumerable.Range(0, hours.Length).Where(i => hours[i].Week % Folds == fold)];
            var usual = Usual(fits);
            var context = new MLContext(seed: 1);
            var model = context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 60, NumberOfLeaves = 20, NumberOfThreads = 1, Seed = 1 })
                .Fit(context.Data.LoadFromEnumerable(fits, CrossFit.Schema<Hour>(8)));
            var cloud = model.Transform(context.Data.LoadFromEnumerable(held.Select(i => hours[i]), CrossFit.Schema<Hour>(8))).GetColumn<float>("Score").ToArray();
            for (var j = 0; j < held.Length; j++)
            {
                var (mean, stray) = usual[hours[held[j]].OfWeek];
                answers[held[j]] = (mean, stray, cloud[j]);
            }
        }

        for (var i = 0; i < hours.Length; i++)
        {
            var (edge, stray, cloud) = answers[i];
            writer.Add($"metro-{i}", stray / (stray + Tolerance), [(float)edge, hours[i].Features[^1] - (float)edge], 8 * sizeof(float), !Disagreement.Between(edge, cloud, Tolerance), []);
        }

        return writer;
    }

    private static (double Mean, double Stray)[] Usual(Hour[] fits)
    {
        var usual = new (double, double)[HoursOfWeek];
        foreach (var same in fits.GroupBy(hour => hour.OfWeek))
        {
            var mean = same.Average(hour => hour.Label);
            usual[same.Key] = (mean, Math.Sqrt(same.Average(hour => (hour.Label - mean) * (hour.Label - mean))));
        }

        return usual;
    }

    private static Hour[] Read(string path)
    {
        var hours = new List<Hour>();
        try
        {
            foreach (var row in Tables.Rows(path))
            {
                var at = DateTime.ParseExact(row[8], "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture);
                var volume = Tables.Number(row[0]);
                var before = hours.Count > 0 ? hours[^1].Label : volume;
                hours.Add(new Hour
                {
                    Label = volume,
                    Week = (int)(at - DateTime.UnixEpoch).TotalDays / 7,
                    OfWeek = ((int)at.DayOfWeek * 24) + at.Hour,
                    Features = [at.Hour, (int)at.DayOfWeek, at.Month, Tables.Number(row[2]), Tables.Number(row[3]), Tables.Number(row[4]), Tables.Number(row[5]), before],
                });
            }
        }
        catch (Exception error) when (error is FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' is not the table that its name says: {error.Message} Compare it with SOURCES.md beside it.");
        }

        return [.. hours];
    }

    private sealed class Hour
    {
        public float Label { get; set; }

        public float[] Features { get; set; } = [];

        [NoColumn]
        public int Week { get; set; }

        [NoColumn]
        public int OfWeek { get; set; }
    }
}
