using System.Net;
using System.Text;
using Lepton.Workflows.Escalation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lepton.Tests.Workflows;

public sealed class TierAboveTests
{
    [Theory]
    [InlineData(400, "application/problem+json", """{"detail":"too flat"}""", "refused", "too flat")]
    [InlineData(422, "text/plain", "no", "refused", "422")]
    [InlineData(413, "text/plain", "no", "refused", "413")]
    [InlineData(404, "application/problem+json", """{"detail":"no pipeline"}""", "refused", "no pipeline")]
    [InlineData(404, "text/html", "<html>", null, "404")]
    [InlineData(401, "application/problem+json", """{"detail":"who are you"}""", null, "LEPTON_UP_TOKEN")]
    [InlineData(429, "application/problem+json", "{}", null, "429")]
    [InlineData(500, "application/json", """{"errorCode":"ERR_DIRECT_INVOKE","message":"connection refused"}""", null, "connection refused")]
    [InlineData(503, "text/plain", "", null, "503")]
    [InlineData(200, "application/json", """{"id":"other","by":"x","at":"2026-01-01T00:00:00Z"}""", null, "something else")]
    [InlineData(200, "application/json", "garbled", null, "could not be reached")]
    [InlineData(200, "application/json", """{"id":"p/k","by":"x","at":"2026-01-01T00:00:00Z","refusal":"never"}""", "refused", "never")]
    [InlineData(200, "application/json", """{"id":"p/k","by":"x","at":"2026-01-01T00:00:00Z","answer":{"tier":"cloud","model":"m/1","label":"a"}}""", "answered", null)]
    [InlineData(202, "application/json", "", null, "accepted")]
    public async Task An_answer_is_a_verdict_a_refusal_or_not_yet(int status, string type, string body, string? ending, string? why)
    {
        var reply = await Ask(_ => Response(status, type, body));
        Assert.Equal(ending, reply.Ending);
        Assert.Equal(ending == "answered", reply.Verdict is not null);
        Assert.Equal(status == 202, reply.Accepted);
        Assert.Contains(why ?? "", reply.Why ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_is_not_yet() => Assert.Null((await Ask(_ => throw new HttpRequestException("cut"))).Ending);

    [Fact]
    public async Task Retry_After_is_heard()
    {
        var reply = await Ask(_ =>
        {
            var response = Response(429, "text/plain", "");
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
            return response;
        });
        Assert.Equal(TimeSpan.FromSeconds(7), reply.RetryAfter);
    }

    [Fact]
    public async Task A_question_that_was_forgotten_is_asked_anew()
    {
        var asked = new List<string>();
        var reply = await Ask(
            request =>
            {
                asked.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
                return request.Method == HttpMethod.Get ? Response(404, "application/problem+json", "{}") : Response(202, "application/json", "");
            },
            accepted: true);
        Assert.Equal(["GET /v1/escalations/p/k", "POST /v1/escalations"], asked);
        Assert.True(reply.Accepted);
    }

    [Fact]
    public void Many_that_wait_ask_forty_times_a_second_together()
    {
        var time = new FakeTimeProvider();
        var link = new UpLink(time, NullLogger<UpLink>.Instance);
        Assert.Null(link.Answers);
        var waits = Enumerable.Range(0, 4000).Select(_ => link.Failed("away")).ToList();
        Assert.Equal(TimeSpan.FromMilliseconds(25), waits[0]);
        Assert.Equal(TimeSpan.FromSeconds(100), waits[^1]);
        time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(TimeSpan.FromMilliseconds(25), link.Failed("away"));
        Assert.False(link.Answers);
        link.Answered(100, TimeSpan.FromMilliseconds(20));
        Assert.True(link.Answers);
    }

    private static HttpResponseMessage Response(int status, string type, string body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) };

    private static async Task<Reply> Ask(Func<HttpRequestMessage, HttpResponseMessage> answer, bool accepted = false)
    {
        using var http = new HttpClient(new Remote(answer)) { BaseAddress = new Uri("http://lepton-up/") };
        return await new TierAbove(http).AskAsync("p/k", "{}"u8.ToArray(), accepted, TestContext.Current.CancellationToken);
    }

    private sealed class Remote(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
