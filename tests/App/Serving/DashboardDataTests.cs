using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Serving;

/// <summary>Tiles over two marts of one small dataset, asked over HTTP.</summary>
public sealed class DashboardDataTests(DashboardBed bed) : IClassFixture<DashboardBed>
{
    private const string Board = DashboardBed.Board;

    private readonly AppHost _app = bed.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tile_shows_the_rows_that_are_chosen()
    {
        // The last two days that there are.
        var shops = await GetAsync($"{Board}/tiles/by-shop/data");
        Assert.Equal("""[["Zoë",2,4],[null,1,7],["O'Hara",1,40]]""", Rows(shops));
        Assert.Equal("""[{"name":"shop","type":"string","role":"group"},{"name":"n","type":"long","role":"measure"},{"name":"mean","type":"double","role":"measure"}]""", shops.GetProperty("columns").GetRawText());
        Assert.Equal("""{"dimension":"day","from":"2026-03-03","to":"2026-03-05"}""", shops.GetProperty("time").GetRawText());
        Assert.Equal(("sales_by_day", "bar", false), (shops.GetProperty("mart").GetString(), shops.GetProperty("type").GetString(), shops.GetProperty("truncated").GetBoolean()));

        Assert.Equal("""[["O'Hara",3,23.333333333333332],["Zoë",2,4],[null,1,7]]""", Rows(await GetAsync($"{Board}/tiles/by-shop/data?last=all")));
        Assert.Equal("""[["O'Hara",2,15]]""", Rows(await GetAsync($"{Board}/tiles/by-shop/data?to=2026-03-03")));
        Assert.Equal("""[["O'Hara",3,23.333333333333332],[null,1,7]]""", Rows(await GetAsync($"{Board}/tiles/by-shop/data?last=all&filter.shop=O'Hara&filter.shop=")));
        Assert.Equal("""[["Zoë",1,5.5]]""", Rows(await GetAsync($"{Board}/tiles/by-shop/data?last=all&filter.size=3")));
        Assert.Equal("[]", Rows(await GetAsync($"{Board}/tiles/by-shop/data?filter.shop=nobody")));
        Assert.Equal("[[4,2],[6,1]]", Rows(await GetAsync($"{Board}/tiles/big/data?last=all")));

        // Grouped by all dimensions nothing is added up: exact counts of distinct values are there, too.
        var all = await GetAsync($"{Board}/tiles/all/data?last=all");
        Assert.Equal("""[[null,"2026-03-04",1,1],["O'Hara","2026-03-01",1,1]]""", Rows(all));

        // A mart without the dimension shows all times.
        var sizes = await GetAsync($"{Board}/tiles/sizes/data?filter.shop=Zo%C3%AB&filter.size=1&filter.size=2");
        Assert.Equal("[[1,3],[2,2]]", Rows(sizes));
        Assert.False(sizes.TryGetProperty("time", out _));
    }

    [Fact]
    public async Task A_number_comes_with_the_time_before_and_how_it_came_about()
    {
        var number = await GetAsync($"{Board}/tiles/count/data");
        Assert.Equal("[[4]]", Rows(number));
        Assert.Equal("""{"time":{"dimension":"day","from":"2026-03-01","to":"2026-03-03"},"rows":[[2]]}""", number.GetProperty("comparison").GetRawText());
        Assert.Equal("""[["2026-03-03",2],["2026-03-04",2]]""", Rows(number.GetProperty("trend")));

        var ever = await GetAsync($"{Board}/tiles/count/data?last=all");
        Assert.Equal(("[[6]]", false, 4), (Rows(ever), ever.TryGetProperty("comparison", out _), ever.GetProperty("trend").GetProperty("rows").GetArrayLength()));
        Assert.Equal("[[0]]", Rows(await GetAsync($"{Board}/tiles/count/data?filter.shop=nobody")));
    }

    [Fact]
    public async Task What_a_page_has_is_sent_again_when_it_has_changed()
    {
        await bed.PutAsync("datasets/changing", """{"fields":[{"name":"size","type":"int32"}]}""");
        await bed.PutAsync("marts/changing_sums", """{"source":"changing","dimensions":[{"name":"size"}],"measures":[{"name":"n","type":"count"}]}""");
        await bed.PutAsync("dashboards/changing", """{"mart":"changing_sums","filters":[{"dimension":"size"}],"tiles":[{"name":"all","type":"table","groupBy":["size"],"measures":["n"]}]}""");
        const string path = "/api/v1/dashboards/changing/tiles/all/data?filter.size=1";
        Assert.Equal("TableEmpty", (await AskAsync(path)).Body!.Value.GetProperty("error").GetProperty("code").GetString());
        await bed.IngestAsync("changing", "size\n1\n", "changing_sums");

        var (status, etag, _) = await AskAsync(path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(path, etag)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(path + "&filter.size=2", etag)).Status);

        await bed.IngestAsync("changing", "size\n1\n2\n", "changing_sums");
        var (changed, _, body) = await AskAsync(path, etag);
        Assert.Equal((HttpStatusCode.OK, "[[1,2]]"), (changed, Rows(body!.Value)));

        // Another definition of the dashboard may show something else.
        var latest = (await AskAsync(path)).ETag;
        await bed.PutAsync("dashboards/changing", """{"mart":"changing_sums","filters":[{"dimension":"size"}],"tiles":[{"name":"all","type":"kpi","measures":["n"]}]}""");
        Assert.Equal("[[2]]", Rows((await AskAsync(path, latest)).Body!.Value));
    }

    [Fact]
    public async Task A_mart_that_is_older_than_it_may_be_is_told_also_to_who_has_its_rows()
    {
        await bed.PutAsync("datasets/aging", """{"fields":[{"name":"size","type":"int32"}]}""");
        await bed.PutAsync("marts/aging_sums", """{"source":"aging","dimensions":[{"name":"size"}],"measures":[{"name":"n","type":"count"}],"freshness":"PT1S"}""");
        await bed.PutAsync("dashboards/aging", """{"mart":"aging_sums","tiles":[{"name":"all","type":"kpi","measures":["n"]}]}""");
        await bed.IngestAsync("aging", "size\n1\n", "aging_sums");
        Assert.Equal((HttpStatusCode.OK, "false"), await StaleAsync(null));
        var etag = (await AskAsync("/api/v1/dashboards/aging/tiles/all/data")).ETag;

        await bed.IngestAsync("aging", "size\n2\n");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (await StaleAsync(etag) != (HttpStatusCode.NotModified, "true"))
            await Task.Delay(100, limit.Token);

        async Task<(HttpStatusCode Status, string Stale)> StaleAsync(string? known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/dashboards/aging/tiles/all/data");
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            using var response = await _app.Client.SendAsync(request, Token);
            return (response.StatusCode, Assert.Single(response.Headers.GetValues("Data-Stale")));
        }
    }

    [Fact]
    public async Task A_filter_offers_the_values_that_there_are()
    {
        Assert.Equal("""{"value":[null,"O'Hara","Zoë"],"truncated":false}""", (await GetAsync($"{Board}/filters/shop/values")).GetRawText());
        Assert.Equal("""{"value":[1,2,3],"truncated":false}""", (await GetAsync($"{Board}/filters/size/values")).GetRawText());
    }

    [Theory]
    [InlineData($"{Board}/tiles/none/data", HttpStatusCode.NotFound, "TileNotFound")]
    [InlineData("/api/v1/dashboards/none/tiles/none/data", HttpStatusCode.NotFound, "DashboardNotFound")]
    [InlineData($"{Board}/filters/day/values", HttpStatusCode.NotFound, "FilterNotFound")]
    [InlineData($"{Board}/tiles/by-shop/data?filter.size=large", HttpStatusCode.BadRequest, "InvalidQueryOption")]
    [InlineData($"{Board}/tiles/by-shop/data?shop=Zo", HttpStatusCode.BadRequest, "UnknownQueryOption")]
    public async Task What_is_asked_wrongly_says_why(string path, HttpStatusCode status, string code)
    {
        using var response = await _app.Client.GetAsync(path, Token);
        Assert.Equal((status, code), (response.StatusCode, Assert.Single(response.Headers.GetValues("x-ms-error-code"))));
    }

    [Fact]
    public async Task A_link_shows_its_dashboard_to_who_has_no_key_and_nothing_else()
    {
        var link = await LinkAsync("""{"expiresIn":"PT1H"}""");
        var token = link.GetProperty("token").GetString()!;
        Assert.Equal($"{_app.Client.BaseAddress}embed/sales-board#token={token}", link.GetProperty("url").GetString());

        Assert.Equal(HttpStatusCode.OK, await WithTokenAsync(Board, token));
        Assert.Equal(HttpStatusCode.OK, await WithTokenAsync($"{Board}/tiles/count/data", token));
        Assert.Equal(HttpStatusCode.OK, await WithTokenAsync($"{Board}/filters/shop/values", token));
        foreach (var other in (string[])["/api/v1/dashboards", $"{Board}/versions", "/api/v1/marts/sales_by_day/rows", "/api/v1/datasets", "/api/v1/warehouse/tables/sales"])
            Assert.Equal(HttpStatusCode.Unauthorized, await WithTokenAsync(other, token));

        await bed.PutAsync("dashboards/other-board", """{"mart":"sales_by_day","tiles":[{"name":"count","type":"kpi","measures":["n"]}]}""");
        Assert.Equal(HttpStatusCode.Forbidden, await WithTokenAsync("/api/v1/dashboards/other-board/tiles/count/data", token));
        Assert.Equal(HttpStatusCode.Unauthorized, await WithTokenAsync($"{Board}/tiles/count/data", token[..^2]));
    }

    [Fact]
    public async Task A_link_can_be_held_to_some_rows()
    {
        var token = (await LinkAsync("""{"filters":{"shop":["Zoë"]}}""")).GetProperty("token").GetString()!;

        Assert.Equal("""[["Zoë",2,4]]""", Rows(await GetAsync($"{Board}/tiles/by-shop/data?last=all", token)));
        Assert.Equal("[]", Rows(await GetAsync($"{Board}/tiles/by-shop/data?last=all&filter.shop=O'Hara", token)));
        Assert.Equal("[[2]]", Rows(await GetAsync($"{Board}/tiles/count/data?last=all", token)));
        Assert.Equal("""{"value":["Zoë"],"truncated":false}""", (await GetAsync($"{Board}/filters/shop/values", token)).GetRawText());

        // A mart that does not know shops would show those of all.
        Assert.Equal(HttpStatusCode.Forbidden, await WithTokenAsync($"{Board}/tiles/sizes/data", token));
    }

    [Theory]
    [InlineData("""{"expiresIn":"P400D","filters":{"shops":["x"],"size":[]},"more":1}""", "$.expiresIn $.filters.shops $.filters.size $.more")]
    [InlineData("[]", "$")]
    public async Task All_that_is_wrong_with_a_link_is_told(string document, string targets)
    {
        using var response = await PostLinkAsync(document);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(targets, string.Join(' ', error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("target").GetString()).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("""{"name":"t","type":"bar","groupBy":["shop"],"measures":["buyers"]}""", "$.tiles[0].measures", "NotAdditive")]
    [InlineData("""{"name":"t","type":"kpi","measures":["n"],"filter":"shop eq 1"}""", "$.tiles[0].filter", "TypeMismatch")]
    [InlineData("""{"name":"t","type":"bar","groupBy":["x"],"measures":["n"],"compute":"shop mul as x"}""", "$.tiles[0].compute", "InvalidQueryOption")]
    [InlineData("""{"name":"t","type":"bar","groupBy":["shop"],"measures":["n"],"orderBy":"mean desc"}""", "$.tiles[0].orderBy", "UnknownColumn")]
    public async Task A_tile_that_could_not_be_answered_is_refused_when_it_is_put(string tile, string target, string code)
    {
        using var content = new StringContent($$"""{"mart":"sales_by_day","tiles":[{{tile}}]}""", Encoding.UTF8, "application/json");
        using var response = await _app.Client.PutAsync("/api/v1/dashboards/refused", content, Token);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");

        Assert.Equal(("InvalidDashboard", target), (error.GetProperty("code").GetString(), error.GetProperty("target").GetString()));
        Assert.Equal(code, error.GetProperty("details")[0].GetProperty("code").GetString());
    }

    private static string Rows(JsonElement answer) => answer.GetProperty("rows").GetRawText();

    private async Task<JsonElement> LinkAsync(string document)
    {
        using var response = await PostLinkAsync(document);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        return JsonElement.Parse(text);
    }

    private Task<HttpResponseMessage> PostLinkAsync(string document) =>
        _app.Client.PostAsync($"{Board}/links", new StringContent(document, Encoding.UTF8, "application/json"), Token);

    private async Task<HttpStatusCode> WithTokenAsync(string path, string token)
    {
        using var client = new HttpClient { BaseAddress = _app.Client.BaseAddress, DefaultRequestHeaders = { { "x-dashboard-token", token } } };
        using var response = await client.GetAsync(path, Token);
        return response.StatusCode;
    }

    private async Task<JsonElement> GetAsync(string path, string? token = null)
    {
        using var client = new HttpClient { BaseAddress = _app.Client.BaseAddress };
        client.DefaultRequestHeaders.Add(token is null ? "x-api-key" : "x-dashboard-token", token ?? _app.Key);
        using var response = await client.GetAsync(path, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private async Task<(HttpStatusCode Status, string ETag, JsonElement? Body)> AskAsync(string path, string? etag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        using var response = await _app.Client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        return (response.StatusCode, response.Headers.ETag?.ToString() ?? "", text.Length > 0 ? JsonElement.Parse(text) : null);
    }
}
