using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lepton.SystemTests.Cli;

/// <summary>The page of `up` in a headless Chromium, steered through its DevTools protocol. Where there is no Chromium, nothing is tried and the output says so.</summary>
internal sealed class PageInChromium : IAsyncDisposable
{
    private readonly Process chromium;
    private readonly string profile = Directory.CreateTempSubdirectory("lepton-chromium").FullName;
    private readonly ClientWebSocket tools = new();
    private int calls;

    private PageInChromium(string program, Uri page) => chromium = Process.Start(new ProcessStartInfo(program,
        ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}", page.ToString()])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>Reads the figures off the page, then cuts and restores the uplink with its button.</summary>
    public static async Task TryAsync(UpRun up)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "chromium is missing: sudo apt-get install -y --no-install-recommends chromium");
        await using var browser = new PageInChromium(program!, up.Page);
        await browser.ConnectAsync();
        await browser.UntilAsync("document.querySelectorAll('.card').length === 1 && document.querySelectorAll('.answer canvas').length > 0", "a card of figures and an answer with its picture");
        await browser.UntilAsync("[...document.querySelectorAll('.card dt')].map(term => term.textContent).includes('corrected')", "the figure `corrected`");

        await browser.EvaluateAsync("document.getElementById('cut').click()");
        await up.UntilAsync(state => (bool)state["uplinkCut"]!, "the button cut the uplink");
        await browser.UntilAsync("document.getElementById('cut').getAttribute('aria-pressed') === 'true' && !document.getElementById('cut').disabled", "the button shows that the uplink is cut");
        await browser.EvaluateAsync("document.getElementById('cut').click()");
        await up.UntilAsync(state => !(bool)state["uplinkCut"]!, "the button restored the uplink");
    }

    public async ValueTask DisposeAsync()
    {
        tools.Dispose();
        chromium.Kill(entireProcessTree: true);
        await chromium.WaitForExitAsync();
        chromium.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // Its last helper process is still writing.
        }
    }

    private async Task ConnectAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (await chromium.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("DevTools listening on ws://", StringComparison.Ordinal))
            {
                _ = chromium.StandardError.ReadToEndAsync();
                var address = new Uri(line["DevTools listening on ".Length..].Trim());
                var pages = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{address.Port}/json/list");
                var page = pages!.Single(page => (string)page!["type"]! == "page")!;
                await tools.ConnectAsync(new Uri((string)page["webSocketDebuggerUrl"]!), CancellationToken.None);
                return;
            }
        }

        Assert.Fail("chromium ended before it said where its DevTools listen");
    }

    private async Task UntilAsync(string expression, string what)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since).TotalSeconds < 30; await Task.Delay(200))
        {
            if (await EvaluateAsync(expression) is { ValueKind: JsonValueKind.True })
            {
                return;
            }
        }

        Assert.Fail($"the page did not show {what} within 30 s: {await EvaluateAsync("document.body.innerText")}");
    }

    private async Task<JsonElement?> EvaluateAsync(string expression)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var id = ++calls;
        var call = JsonSerializer.SerializeToUtf8Bytes(new { id, method = "Runtime.evaluate", @params = new { expression, returnByValue = true } });
        await tools.SendAsync(call, WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            using var message = new MemoryStream();
            var block = new byte[16 << 10];
            for (WebSocketReceiveResult part; ;)
            {
                part = await tools.ReceiveAsync(block, limit.Token);
                message.Write(block, 0, part.Count);
                if (part.EndOfMessage)
                {
                    break;
                }
            }

            var answer = JsonDocument.Parse(Encoding.UTF8.GetString(message.ToArray())).RootElement;
            if (answer.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                return answer.GetProperty("result").GetProperty("result").TryGetProperty("value", out var value) ? value : null;
            }
        }
    }
}
