using System.Net.Http.Json;
using System.Text.Json;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>How paths and queries arrive.</summary>
public sealed class EncodingTests(ConformanceHost host)
{
    [Theory]
    [InlineData("routes/things/a%2Fb", "a%2Fb")] // stays literal
    [InlineData("routes/things/a%20b", "a b")]
    [InlineData("routes/things/a+b", "a+b")]
    [InlineData("routes/things/%C3%A9", "é")]
    [InlineData("routes/things/(id=1,b='x')", "(id=1,b='x')")]
    [InlineData("routes/rest/a%2Fb/c%20d", "a%2Fb/c d")]
    public async Task Values_are_decoded_but_for_the_slash(string target, string value)
    {
        var seen = await AskAsync(target);
        Assert.Equal(value, seen.Values);
        Assert.EndsWith($"/{value}", seen.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?%24top=1&x=%2F")]
    [InlineData("?$filter=a%20eq%20'b+c'")]
    [InlineData("?a=1&a=2&b")]
    [InlineData("?")]
    [InlineData("")]
    public async Task The_query_is_verbatim(string query)
    {
        var response = await RawRequest.GetAsync(host.Address, "/conformance/v1/routes/same" + query);
        Assert.Equal(query, Body(response).Query);
    }

    [Theory]
    [InlineData("/conformance/v1/routes/things/a/../special", "general")]
    [InlineData("/conformance/v1/routes/things/%2e%2e/same", "same get")]
    [InlineData("/elsewhere/../conformance/v1/./routes/same", "same get")]
    public async Task Dots_are_collapsed_before_routing(string target, string function) =>
        Assert.Equal(function, Body(await RawRequest.GetAsync(host.Address, target)).Function);

    [Fact]
    public async Task The_path_is_the_whole_one() => Assert.Equal("/conformance/v1/routes/same", (await AskAsync("routes/same")).Path);

    private static Seen Body(string response)
    {
        var from = response.IndexOf('{', StringComparison.Ordinal);
        Assert.True(from > 0, response);
        return JsonSerializer.Deserialize<Seen>(response[from..(response.LastIndexOf('}') + 1)], JsonSerializerOptions.Web)!;
    }

    private async Task<Seen> AskAsync(string target) =>
        (await host.Http.GetFromJsonAsync<Seen>(target, TestContext.Current.CancellationToken))!;
}
