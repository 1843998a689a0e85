using System.Net;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Methods choose, too.</summary>
public sealed class MethodTests(ConformanceHost host)
{
    [Theory]
    [InlineData("GET", "routes/posted")]
    [InlineData("POST", "routes/same")]
    [InlineData("HEAD", "routes/same")]
    [InlineData("OPTIONS", "routes/same")]
    [InlineData("DELETE", "routes/head-and-options")]
    public async Task A_method_that_is_not_listed_is_404_without_a_body(string method, string target) =>
        Assert.Equal((HttpStatusCode.NotFound, ""), await CallAsync(method, target));

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task A_function_without_a_list_takes_every_method(string method)
    {
        var (status, body) = await CallAsync(method, "routesByName");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains($"\"{method}\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "all one")]
    [InlineData("POST", "all")]
    [InlineData("OPTIONS", "all")]
    public async Task A_catch_all_that_sorts_last_gets_the_methods_nobody_lists(string method, string function)
    {
        var (status, body) = await CallAsync(method, "routes/all/one");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains($"\"{function}\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_and_OPTIONS_are_answered_where_listed()
    {
        Assert.Equal((HttpStatusCode.OK, ""), await CallAsync("HEAD", "routes/head-and-options"));
        var (status, body) = await CallAsync("OPTIONS", "routes/head-and-options");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("OPTIONS", body, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Body)> CallAsync(string method, string target)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
