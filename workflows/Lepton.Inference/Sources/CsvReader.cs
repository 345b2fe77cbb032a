using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lepton.Contracts.Resources;

namespace Lepton.Inference.Sources;

// A series event per row of a CSV table with a header: the columns that the pipeline's source names as values.
//   - {reader: csv, path: rows.csv, device: machine, truth: failed, labels: {"0": ok, "1": failure}, every: 1s}
internal sealed class CsvReader : EventReader
{
    private readonly Pipeline _pipeline;
    private readonly ReadRequest _request;
    private readonly string _path;
    private readonly string? _device, _truth;
    private readonly IReadOnlyDictionary<string, string> _labels;
    private readonly TimeSpan _every;

    private CsvReader(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        (_pipeline, _request, _path) = (pipeline, request, source.Path!);
        _device = source.Options.Text("device");
        _truth = source.Options.Text("truth");
        _labels = source.Options.Map("labels")?.Scalars() ?? new Dictionary<string, string>();
        _every = source.Options.Duration("every", TimeSpan.FromSeconds(1));
        source.Options.Close();
    }

    public override string Description => $"rows of {_path}";

    internal static EventReader? Open(Pipeline pipeline, ReplaySource source, ReadRequest request)
    {
        if (!File.Exists(source.Path))
        {
            return null;
        }
        var reader = new CsvReader(pipeline, source, request);
        var header = Split(File.ReadLines(source.Path).FirstOrDefault() ?? "");
        foreach (var column in pipeline.Source.Values.Concat(new[] { reader._device, reader._truth }.OfType<string>()).Where(column => !header.Contains(column)))
        {
            source.Options.Report("path", $"'{source.Path}' has no column '{column}'", $"name columns of its first line: {string.Join(", ", header.Take(30))}");
        }
        return reader;
    }

    public override async IAsyncEnumerable<SourceEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var time = _request.Start;
        var name = Path.GetFileNameWithoutExtension(_path);
        for (var round = 0; round == 0 || _request.Repeat; round++)
        {
            var before = time;
            string[]? header = null;
            var row = 0;
            await foreach (var line in File.ReadLinesAsync(_path, cancellationToken).ConfigureAwait(false))
            {
                if (line.Length == 0)
                {
                    continue;
                }
                var fields = Split(line);
                if (header is null)
                {
                    header = fields;
                    continue;
                }
                row++;
                yield return new SourceEvent(
                    $"urn:lepton:device:{_pipeline.Name}-{(_device is null ? name : Field(header, fields, _device))}",
                    $"{_request.Run}-{round}-{row}", time, "application/json", Json(header, fields),
                    _truth is null ? null : _labels.GetValueOrDefault(Field(header, fields, _truth), Field(header, fields, _truth)));
                time += _every;
            }
            if (time == before)
            {
                yield break;
            }
        }
    }

    // A field that is no number is left out: the node then refuses the event and says which value is missing.
    private byte[] Json(string[] header, string[] fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("values"u8);
            foreach (var value in _pipeline.Source.Values)
            {
                if (double.TryParse(Field(header, fields, value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                {
                    json.WriteNumber(value, number);
                }
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static string Field(string[] header, string[] fields, string column) =>
        Array.IndexOf(header, column) is >= 0 and var index && index < fields.Length ? fields[index] : "";

    // RFC 4180 without line breaks inside quotes.
    private static string[] Split(string line)
    {
        var fields = new List<string>();
        for (var at = 0; at <= line.Length;)
        {
            var quoted = at < line.Length && line[at] == '"';
            var end = quoted ? Closing(line, at + 1) : line.IndexOf(',', at);
            end = end < 0 ? line.Length : end;
            fields.Add(quoted ? line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal) : line[at..end].Trim());
            at = quoted ? line.IndexOf(',', end) is >= 0 and var comma ? comma + 1 : line.Length + 1 : end + 1;
        }
        return [.. fields];
    }

    private static int Closing(string line, int from)
    {
        for (var i = from; i < line.Length; i++)
        {
            if (line[i] != '"')
            {
                continue;
            }
            if (i + 1 >= line.Length || line[i + 1] != '"')
            {
                return i;
            }
            // Two quotes stand for one inside the field.
            i++;
        }
        return -1;
    }
}
