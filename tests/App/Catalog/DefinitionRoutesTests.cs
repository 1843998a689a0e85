using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace DataPlatform.App.Tests.Catalog;

public sealed class DefinitionRoutesTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("datasets", """{"description":"D","fields":[{"name":"a","type":"int32"}]}""")]
    [InlineData("pipelines", """{"description":"D","steps":[{"name":"s","target":"some_table","sql":"SELECT 1 AS a"}]}""")]
    [InlineData("marts", """{"description":"D","source":"life_source","dimensions":[{"name":"a"}],"measures":[{"name":"n","type":"count"}]}""")]
    [InlineData("routes", """{"description":"D","dataset":"life_source","service":"batch"}""")]
    [InlineData("dashboards", """{"description":"D","mart":"life_mart","tiles":[{"name":"n","type":"kpi","measures":["n"]}]}""")]
    public async Task A_definition_lives_its_life(string kind, string document)
    {
        var address = $"/api/v1/{kind}/life_of_{kind}";
        using (var source = await PutAsync("/api/v1/datasets/life_source", """{"fields":[{"name":"a","type":"int32"}]}"""))
            Assert.True(source.IsSuccessStatusCode);
        using (var mart = await PutAsync("/api/v1/marts/life_mart", """{"source":"life_source","dimensions":[{"name":"a"}],"measures":[{"name":"n","type":"count"}]}"""))
            Assert.True(mart.IsSuccessStatusCode);

        using (var created = await PutAsync(address, document, "If-None-Match", "*"))
            Assert.Equal((HttpStatusCode.Created, "\"1\""), (created.StatusCode, created.Headers.ETag!.Tag));
        using (var again = await PutAsync(address, document))
            Assert.Equal((HttpStatusCode.OK, "\"1\""), (again.StatusCode, again.Headers.ETag!.Tag));
        using (var exists = await PutAsync(address, document, "If-None-Match", "*"))
            Assert.Equal(HttpStatusCode.PreconditionFailed, exists.StatusCode);
        using (var replaced = await PutAsync(address, document.Replace("\"D\"", "\"E\"", StringComparison.Ordinal), "If-Match", "\"1\""))
            Assert.Equal((HttpStatusCode.OK, "\"2\""), (replaced.StatusCode, replaced.Headers.ETag!.Tag));
        using (var stale = await PutAsync(address, document, "If-Match", "\"1\""))
            Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);

        using (var current = await app.Client.GetAsync(address, Token))
        {
            Assert.Equal("2", Assert.Single(current.Headers.GetValues("x-ms-definition-version")));
            Assert.Equal(document.Replace("\"D\"", "\"E\"", StringComparison.Ordinal), await current.Content.ReadAsStringAsync(Token));
        }

        Assert.Equal(document, await app.Client.GetStringAsync(address + "?version=1", Token));
        var versions = await app.Client.GetFromJsonAsync<JsonElement>(address + "/versions", Token);
        Assert.Equal("""{"value":[{"version":1},{"version":2}]}""", versions.GetRawText());
        var list = await app.Client.GetFromJsonAsync<JsonElement>($"/api/v1/{kind}?top=1&after=life_of", Token);
        Assert.Equal("E", list.GetProperty("value")[0].GetProperty("description").GetString());

        using (var deleted = await app.Client.DeleteAsync(address, Token))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using (var gone = await app.Client.GetAsync(address, Token))
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_caller_that_has_the_document_hears_304()
    {
        using (await PutAsync("/api/v1/datasets/cached", """{"fields":[{"name":"a","type":"int32"}]}"""))
        {
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/datasets/cached");
        request.Headers.Add("If-None-Match", "\"1\"");
        using var response = await app.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task All_mistakes_of_a_document_are_in_the_answer()
    {
        using var response = await PutAsync("/api/v1/datasets/wrong", """{"name":"other","fields":[{"name":"a","type":"int23"}],"keys":[]}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal(
            ["$.fields[0].type", "$.keys", "$.name"],
            error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("target").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task All_mistakes_of_a_mart_are_in_the_answer()
    {
        using var response = await PutAsync(
            "/api/v1/marts/wrong_mart",
            """
            {"source":"nowhere","dimensions":[{"name":"day","sql":"CAST(placed AS"}],
             "measures":[{"name":"n","type":"count"},{"name":"s","type":"sum","sql":"sum(amount)"},{"name":"t","type":"max","sql":"(SELECT 1 FROM other)"}]}
            """);

        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidMart"), (response.StatusCode, error.GetProperty("code").GetString()));
        Assert.Equal(["$.source", "$.dimensions[0].sql", "$.measures[1].sql", "$.measures[2].sql"], Targets(error));
        Assert.Equal("$.source", error.GetProperty("target").GetString());
        using var missing = await app.Client.GetAsync("/api/v1/marts/wrong_mart", Token);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task All_mistakes_of_a_dashboard_are_in_the_answer()
    {
        using (await PutAsync("/api/v1/datasets/board_source", """{"fields":[{"name":"a","type":"int32"}]}"""))
        using (await PutAsync("/api/v1/marts/board_mart", """{"source":"board_source","dimensions":[{"name":"a"}],"measures":[{"name":"n","type":"count"}]}"""))
        {
        }

        using var response = await PutAsync(
            "/api/v1/dashboards/wrong-board",
            """
            {"mart":"board_mart","time":{"dimension":"day"},"filters":[{"dimension":"aa"}],"tiles":[
              {"name":"k","type":"kpi","measures":["m"]},
              {"name":"b","type":"bar","groupBy":["n"],"measures":["a"]},
              {"name":"c","type":"bar","compute":"a mod 2 as odd","groupBy":["odd"],"measures":["n"]}]}
            """);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidDashboard"), (response.StatusCode, error.GetProperty("code").GetString()));
        Assert.Equal(["$.tiles[0].measures[0]", "$.tiles[1].groupBy[0]", "$.tiles[1].measures[0]", "$.time.dimension", "$.filters[0].dimension"], Targets(error));

        using var nowhere = await PutAsync("/api/v1/dashboards/wrong-board", """{"tiles":[{"name":"k","type":"kpi","mart":"board_marts","measures":["m"]}]}""");
        error = (await nowhere.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal(["$.tiles[0].mart"], Targets(error));
        Assert.Contains("Did you mean 'board_mart'?", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_read_is_not_taken_away()
    {
        const string Pipeline = """{"steps":[{"name":"s","target":"used_fact","sql":"SELECT a FROM new.used_data"},{"name":"t","target":"used_other","sql":"SELECT a FROM used_fact"}]}""";
        await CreateAsync("datasets/used_data", """{"fields":[{"name":"a","type":"int32"}]}""");
        await CreateAsync("pipelines/using", Pipeline);
        await CreateAsync("marts/used_mart", """{"source":"used_fact","dimensions":[{"name":"a"}],"measures":[{"name":"n","type":"count"}]}""");
        await CreateAsync("pipelines/last", """{"steps":[{"name":"s","target":"used_last","mode":"overwrite","sql":"SELECT a FROM used_mart"}]}""");

        await InUseAsync(await app.Client.DeleteAsync("/api/v1/datasets/used_data", Token), "/api/v1/pipelines/using");
        await InUseAsync(await app.Client.DeleteAsync("/api/v1/pipelines/using", Token), "/api/v1/marts/used_mart");
        await InUseAsync(
            await PutAsync("/api/v1/pipelines/using", Pipeline.Replace("used_fact", "used_new", StringComparison.Ordinal)), "/api/v1/marts/used_mart");
        await CreateAsync("dashboards/used-board", """{"tiles":[{"name":"k","type":"kpi","mart":"used_mart","measures":["n"]}]}""");
        await InUseAsync(await app.Client.DeleteAsync("/api/v1/marts/used_mart", Token), "/api/v1/pipelines/last", "/api/v1/dashboards/used-board");

        foreach (var address in (string[])["dashboards/used-board", "pipelines/last", "marts/used_mart", "pipelines/using", "datasets/used_data"])
        {
            using var deleted = await app.Client.DeleteAsync($"/api/v1/{address}", Token);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        async Task CreateAsync(string address, string document)
        {
            using var put = await PutAsync($"/api/v1/{address}", document);
            Assert.True(put.StatusCode == HttpStatusCode.Created, await put.Content.ReadAsStringAsync(Token));
        }

        async Task InUseAsync(HttpResponseMessage response, params string[] users)
        {
            using (response)
            {
                var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
                Assert.Equal((HttpStatusCode.Conflict, "DefinitionInUse"), (response.StatusCode, error.GetProperty("code").GetString()));
                Assert.Equal(users, Targets(error));
            }
        }
    }

    [Fact]
    public async Task A_list_leads_from_page_to_page()
    {
        foreach (var name in (string[])["page_a", "page_b", "page_c"])
        {
            using var put = await PutAsync($"/api/v1/datasets/{name}", """{"fields":[{"name":"a","type":"int32"}]}""");
            put.EnsureSuccessStatusCode();
        }

        var names = new List<string>();
        for (var link = "/api/v1/datasets?top=2&after=page"; link is not null;)
        {
            var page = await app.Client.GetFromJsonAsync<JsonElement>(link, Token);
            names.AddRange(page.GetProperty("value").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            link = page.TryGetProperty("nextLink", out var next) ? next.GetString() : null;
        }

        Assert.Equal(["page_a", "page_b", "page_c"], names.Where(name => name.StartsWith("page_", StringComparison.Ordinal)));
    }

    private static IEnumerable<string?> Targets(JsonElement error) =>
        error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("target").GetString());

    private async Task<HttpResponseMessage> PutAsync(string address, string document, string? header = null, string? value = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new StringContent(document, Encoding.UTF8, "application/json") };
        if (header is not null)
            request.Headers.Add(header, value);
        return await app.Client.SendAsync(request, Token);
    }
}
