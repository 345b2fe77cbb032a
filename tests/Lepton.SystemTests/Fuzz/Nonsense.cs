using System.Text;

namespace Lepton.SystemTests.Fuzz;

/// <summary>Inputs that nobody should send, each from its number: half of them nearly right, with the words that the API knows.</summary>
internal sealed class Nonsense(int number)
{
    private static readonly string[] Names =
    [
        "store", "bus", "T", "orders", "1", "method", "state", "reminders", "timers", "bulk", "transaction", "x", "a||b", "..", ".", "%2F", "a%2Fb", "a%20b", "%25", "%zz", "%", "%C3%A4", "%C3%28",
        "%0a", "%3F", "%23", "%5C", "\"", "'", "~", "null", "%7B%7D", "metadata", "nope", "a.b", "a.b.c", "http%3A%2F%2F127.0.0.1%3A1", "9999999999999999999", "-1", new('x', 3000),
    ];

    private static readonly string[] Words =
    [
        "key", "value", "etag", "metadata", "options", "concurrency", "consistency", "operation", "operations", "request", "upsert", "delete", "keys", "parallelism", "ttlInSeconds", "entryId", "event",
        "contentType", "data", "dueTime", "period", "ttl", "callback", "overwrite", "failurePolicy", "schedule", "repeats", "name", "id", "source", "specversion", "type", "traceparent", "expiration",
        "first-write", "strong", "application/json", "application/cloudevents+json", "PT1S", "R3/PT1S", "1h", "@every 1s", "true", "-1", "2020-01-01T00:00:00Z", "", "a||b", "ä\u0000\n", "\ud83d\ude00",
    ];

    private static readonly string[] Types = ["application/json", "application/cloudevents+json", "text/plain", "application/octet-stream", "application/grpc", "application/json; charset=\"", "x", "multipart/form-data", ""];
    private const string Marks = " :{}[]-\"'\n\t#&*!|>%@`";
    private readonly Random random = new(number);

    internal string Name() => Names[random.Next(Names.Length)];

    internal bool Chance(int oneIn) => random.Next(oneIn) == 0;

    internal int Below(int limit) => random.Next(limit);

    internal string Query()
    {
        if (Chance(2)) return "";
        return "?" + string.Join('&', Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"metadata.{Uri.EscapeDataString(Word())}={Uri.EscapeDataString(Word())}")) + (Chance(4) ? "&%&=&&" : "");
    }

    internal Dictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>();
        if (!Chance(3)) headers["content-type"] = Types[random.Next(Types.Length)];
        if (Chance(4)) headers["traceparent"] = Chance(2) ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : "00-zz";
        if (Chance(6)) headers["if-match"] = "\"x\"";
        if (Chance(6)) headers["dapr-app-id"] = Chance(2) ? "nope" : "";
        if (Chance(6)) headers["authorization"] = "Basic " + (Chance(2) ? "!!" : "ZGFwci1hcHAtaWQ6eA==");
        if (Chance(10)) headers["grpc-trace-bin"] = "AA";
        if (Chance(10)) headers["x-long"] = new string('h', 3000);
        return headers;
    }

    internal byte[] Body()
    {
        switch (random.Next(12))
        {
            case 0: return [];
            case 1: return Bytes(random.Next(300));
            case 2: return Encoding.ASCII.GetBytes(new string('[', random.Next(1, 5000)));
            case 3: return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", random.Next(1, 3000))));
            case 4 when Chance(15): return new byte[(4 << 20) + 1];
            default:
                var json = Json(0);
                if (Chance(3)) json = json[..random.Next(json.Length + 1)];
                if (Chance(5)) json = json.Insert(random.Next(json.Length + 1), ((char)random.Next(1, 300)).ToString());
                return Encoding.UTF8.GetBytes(json);
        }
    }

    internal byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    internal string Word() => Words[random.Next(Words.Length)];

    internal string Json(int depth) => random.Next(depth > 4 ? 6 : 10) switch
    {
        0 => "null",
        1 => Chance(2) ? "true" : "false",
        2 => random.Next(-5, 5).ToString(),
        3 => Chance(2) ? "1e400" : "12345678901234567890.5",
        4 or 5 => System.Text.Json.JsonSerializer.Serialize(Word()),
        6 or 7 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(depth + 1))) + "]",
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"{System.Text.Json.JsonSerializer.Serialize(Word())}:{Json(depth + 1)}")) + "}",
    };

    /// <summary>A text with some of its characters taken out, doubled or replaced, or its lines in disorder.</summary>
    internal string Spoil(string text)
    {
        var spoiled = new StringBuilder(text);
        for (var i = random.Next(1, 8); i > 0 && spoiled.Length > 0; i--)
        {
            var at = random.Next(spoiled.Length);
            switch (random.Next(6))
            {
                case 0: spoiled.Remove(at, Math.Min(random.Next(1, 12), spoiled.Length - at)); break;
                case 1: spoiled.Insert(at, Marks[random.Next(Marks.Length)]); break;
                case 2: spoiled.Insert(at, Word()); break;
                case 3: spoiled[at] = (char)random.Next(1, 0x2fff); break;
                case 4: spoiled.Insert(at, spoiled.ToString(at, Math.Min(40, spoiled.Length - at))); break;
                default: spoiled.Insert(at, $"\n{new string(' ', random.Next(9))}{Word()}: {Json(2)}\n"); break;
            }
        }
        return spoiled.ToString();
    }
}
