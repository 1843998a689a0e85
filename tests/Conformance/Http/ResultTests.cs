using System.Net;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>What becomes of a function's result.</summary>
public sealed class ResultTests(ConformanceHost host)
{
    [Theory]
    [InlineData("object", 202, "application/json; charset=utf-8", """{"answer":42,"nothing":null}""")]
    [InlineData("ok", 200, "application/json; charset=utf-8", "[1,2,3]")]
    [InlineData("text", 200, "text/plain; charset=utf-8", "plain")]
    [InlineData("json", 200, "application/json; charset=utf-8", """{"answer":42}""")]
    [InlineData("content", 203, "application/xml", "<a/>")]
    [InlineData("file", 200, "text/csv", "a,b")]
    [InlineData("stream", 200, "application/octet-stream", "streamed")]
    [InlineData("no-content", 204, null, "")]
    [InlineData("empty", 200, null, "")]
    [InlineData("created", 201, "application/json; charset=utf-8", """{"id":"x"}""")]
    [InlineData("redirect", 302, null, "")]
    [InlineData("not-found", 404, "application/json; charset=utf-8", """{"missing":"it"}""")]
    [InlineData("other", 418, null, "")]
    public Task Action_results(string kind, int status, string? type, string body) => CheckAsync($"results/action/{kind}", status, type, body);

    [Theory]
    [InlineData("json", 201, "application/json; charset=utf-8", """{"answer":42}""")]
    [InlineData("text", 206, "text/csv; charset=utf-8", "text")]
    [InlineData("bytes", 200, "application/octet-stream", "bytes")]
    [InlineData("stream", 200, "application/x-ndjson", "streamed")]
    [InlineData("no-content", 204, null, "")]
    [InlineData("redirect", 307, null, "")]
    [InlineData("other", 418, null, "")]
    public Task Results(string kind, int status, string? type, string body) => CheckAsync($"results/result/{kind}", status, type, body);

    [Fact]
    public async Task Headers_of_results_arrive()
    {
        using var redirect = await AskAsync("results/action/redirect");
        Assert.Equal("/elsewhere", redirect.Headers.Location?.OriginalString);
        using var file = await AskAsync("results/action/file");
        Assert.Equal("rows.csv", file.Content.Headers.ContentDisposition?.FileName);
        using var problem = await AskAsync("results/result/problem");
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.Conflict, problem.StatusCode);
    }

    [Theory]
    [InlineData("awaited", 200, "awaited")]
    [InlineData("status-only", 205, "")]
    public Task Other_ways_to_answer(string kind, int status, string body) => CheckAsync($"results/{kind}", status, null, body);

    [Fact]
    public async Task Written_by_hand()
    {
        using var response = await AskAsync("results/written");
        Assert.Equal((HttpStatusCode)418, response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("x-hand").Single());
        Assert.Equal("written by hand", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_exception_is_500_with_an_empty_body_and_the_headers_set_before()
    {
        using var response = await AskAsync("results/throws");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.Contains("x-early"));
    }

    private async Task CheckAsync(string target, int status, string? type, string body)
    {
        using var response = await AskAsync(target);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (type is not null)
            Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
    }

    private Task<HttpResponseMessage> AskAsync(string target) =>
        host.Http.GetAsync(new Uri(target, UriKind.Relative), TestContext.Current.CancellationToken);
}
