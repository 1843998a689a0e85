using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Which function answers.</summary>
public sealed class RoutingTests(ConformanceHost host)
{
    [Theory]
    [InlineData("routes/things/12", "number", "12")]
    [InlineData("routes/things/12x", "general", "12x")]
    [InlineData("routes/things/special", "general", "special")] // "Routes_b_…" stands before "routes_c_…", more special or not
    [InlineData("routes/same", "same get", null)]
    [InlineData("routesByName", "by name", null)]
    public async Task The_first_match_by_function_name_answers(string target, string function, string? values)
    {
        var seen = await AskAsync(target);
        Assert.Equal((function, values), (seen.Function, seen.Values));
    }

    [Theory]
    [InlineData("ROUTES/Things/Mixed", "general", "Mixed")]
    [InlineData("Routes/SAME", "same get", null)]
    [InlineData("ROUTESBYNAME", "by name", null)]
    public async Task Case_does_not_count_and_values_keep_theirs(string target, string function, string? values)
    {
        var seen = await AskAsync(target);
        Assert.Equal((function, values), (seen.Function, seen.Values));
    }

    [Theory]
    [InlineData("routes/optional", "optional", null)]
    [InlineData("routes/optional/x", "optional", "x")]
    [InlineData("routes/standard", "standard", "usual")]
    [InlineData("routes/standard/x", "standard", "x")]
    [InlineData("routes/files/a.b.csv", "two parts", "a.b|csv")]
    public async Task Optional_standard_and_joined_parts(string target, string function, string? values)
    {
        var seen = await AskAsync(target);
        Assert.Equal((function, values), (seen.Function, seen.Values));
    }

    [Theory]
    [InlineData("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "guid")]
    [InlineData("15", "range")]
    [InlineData("abc", "text")]
    [InlineData("x-12", "pattern")]
    [InlineData("21", null)]
    [InlineData("abcde", null)]
    [InlineData("x-", null)]
    public async Task Constraints_choose(string id, string? function)
    {
        var (status, body) = await host.GetAsync($"routes/constraints/{id}");
        Assert.Equal(function is null ? HttpStatusCode.NotFound : HttpStatusCode.OK, status);
        if (function is not null)
            Assert.Contains($"\"{function}\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("routes/rest", null)]
    [InlineData("routes/rest/", null)]
    [InlineData("routes/rest/a", "a")]
    [InlineData("routes/rest/a/b/", "a/b/")]
    [InlineData("routes/rest/a//b", "a//b")]
    public async Task A_catch_all_takes_the_rest_with_its_slashes(string target, string? values) =>
        Assert.Equal(values ?? "", (await AskAsync(target)).Values ?? "");

    [Theory]
    [InlineData("/conformance/v1")]
    [InlineData("/conformance/v1/")]
    public async Task An_optional_part_that_must_be_empty_serves_the_root(string target) => Assert.Equal("root", (await AskAsync(target)).Function);

    [Theory]
    [InlineData("routes/same/")]
    [InlineData("routes/things/x/")]
    public async Task A_trailing_slash_does_not_matter_elsewhere(string target) => Assert.NotEmpty((await AskAsync(target)).Function);

    [Theory]
    [InlineData("routes/things")]
    [InlineData("routes/things/a/b")]
    [InlineData("nowhere")]
    [InlineData("/routes/same")] // without the prefix
    [InlineData("/api/routes/same")]
    [InlineData("/conformance/routes/same")]
    public async Task Unknown_places_are_404_without_a_body(string target) => Assert.Equal((HttpStatusCode.NotFound, ""), await host.GetAsync(target));

    [Theory]
    [InlineData("/admin/host/ping", 200)]
    [InlineData("/admin/host/status", 401)]
    [InlineData("/runtime/webhooks/unknown", 401)]
    public async Task The_hosts_own_addresses_are_no_functions(string target, int status) =>
        Assert.Equal((HttpStatusCode)status, (await host.GetAsync(target)).Status);

    private async Task<Seen> AskAsync(string target) =>
        (await host.Http.GetFromJsonAsync<Seen>(target, TestContext.Current.CancellationToken))!;
}
