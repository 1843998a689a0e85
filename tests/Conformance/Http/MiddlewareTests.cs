using System.Net;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Middleware around HTTP functions.</summary>
public sealed class MiddlewareTests(ConformanceHost host)
{
    [Fact]
    public async Task Middleware_runs_in_the_order_of_registration()
    {
        var (_, body) = await host.GetAsync("context/x");
        Assert.Contains("\"order\":\"outer, inner\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write", "context/x", 403, "stopped")]
    [InlineData("status", "context/x", 401, "")]
    [InlineData("replace", "context/x", 202, "replaced")]
    [InlineData("throw", "context/x", 500, "")]
    [InlineData("catch", "context-fails", 422, "thrown by the function")]
    [InlineData("nothing", "context-fails", 500, "")]
    public async Task It_may_answer_itself_replace_catch_or_fail(string action, string target, int status, string body)
    {
        using var response = await AskAsync(target, action);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Headers_may_be_set_after_the_function()
    {
        using var response = await AskAsync("context/x", "header-after");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("set", response.Headers.GetValues("x-after").Single());
    }

    private async Task<HttpResponseMessage> AskAsync(string target, string action)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Add("x-do", action);
        return await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
