using System.Net;
using System.Text.Json;
using System.Xml.Linq;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The OData door over HTTP: what BI tools ask for, on a merged dataset and a mart.</summary>
public sealed class ODataTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    /// <summary>As Power Query sends it.</summary>
    private const string PowerQuery =
        "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7";

    private readonly PlatformApi _api = new(platform.Client);
    private readonly string _set = PlatformFixture.NewName("orders");
    private readonly string _mart = PlatformFixture.NewName("sums");

    [Fact]
    public async Task Documents_tell_of_sets_and_their_properties()
    {
        await DefineAsync();

        var (service, head) = await ReadAsync("/odata");
        Assert.EndsWith("/odata/$metadata", service.GetProperty("@odata.context").GetString(), StringComparison.Ordinal);
        Assert.Contains(service.GetProperty("value").EnumerateArray(), set => set.GetProperty("name").GetString() == _mart && set.GetProperty("kind").GetString() == "EntitySet");
        Assert.Equal("application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8", head.Content.Headers.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));

        using var metadata = await SendAsync("/odata/$metadata");
        Assert.Equal("application/xml", metadata.Content.Headers.ContentType!.MediaType);
        XNamespace edm = "http://docs.oasis-open.org/odata/ns/edm";
        var type = XDocument.Parse(await metadata.Content.ReadAsStringAsync()).Descendants(edm + "EntityType").Single(known => known.Attribute("Name")!.Value == _set);
        Assert.Equal("_key", type.Element(edm + "Key")!.Element(edm + "PropertyRef")!.Attribute("Name")!.Value);
        Assert.Equal(
            ["_key:Edm.String", "id:Edm.Int64", "day:Edm.Date", "region:Edm.String", "price:Edm.Decimal"],
            type.Elements(edm + "Property").Select(property => $"{property.Attribute("Name")!.Value}:{property.Attribute("Type")!.Value}"));
        using var same = await SendAsync("/odata/$metadata", ("If-None-Match", metadata.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Fact]
    public async Task Entities_are_filtered_ordered_counted_and_paged()
    {
        await DefineAsync();

        List<long> read = [];
        List<string> keys = [];
        var pages = 0;
        for (var link = $"/odata/{_set}?$orderby=price desc&$count=true"; link is not null; pages++)
        {
            var (page, answer) = await ReadAsync(link, ("Prefer", "odata.maxpagesize=100"));
            Assert.Equal(250, page.GetProperty("@odata.count").GetInt64());
            if (pages == 0)
                Assert.Equal("odata.maxpagesize=100", answer.Headers.GetValues("Preference-Applied").Single());
            read.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("id").GetInt64()));
            keys.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("_key").GetString()!));
            link = page.TryGetProperty("@odata.nextLink", out var next) ? next.GetString() : null;
        }

        Assert.Equal(3, pages);
        Assert.Equal(250, read.Distinct().Count());
        Assert.Equal(250, keys.Distinct().Count());
        Assert.Equal(read.Select(id => id % 7).OrderDescending(), read.Select(id => id % 7));

        var (chosen, _) = await ReadAsync($"/odata/{_set}?%24select=id,region&$filter=region eq null and id lt 30&$orderby=id desc&%24top=2&$skip=1&$count=true");
        Assert.Equal("""[{"id":10,"region":null},{"id":0,"region":null}]""", chosen.GetProperty("value").GetRawText());
        Assert.Equal(3, chosen.GetProperty("@odata.count").GetInt64());
        Assert.EndsWith($"#{_set}(id,region)", chosen.GetProperty("@odata.context").GetString(), StringComparison.Ordinal);

        using var count = await SendAsync($"/odata/{_set}/$count?$filter=day ge 2026-01-02 and day lt 2026-01-04");
        Assert.Equal(("text/plain", "50"), (count.Content.Headers.ContentType!.MediaType, await count.Content.ReadAsStringAsync()));

        var (one, _) = await ReadAsync($"/odata/{_set}('{keys[7]}')");
        Assert.Equal(read[7], one.GetProperty("id").GetInt64());
        Assert.EndsWith($"#{_set}/$entity", one.GetProperty("@odata.context").GetString(), StringComparison.Ordinal);
        var (again, _) = await ReadAsync($"/odata/{_set}?$filter=_key eq '{keys[7]}'&$select=id");
        Assert.Equal($$"""[{"id":{{read[7]}}}]""", again.GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task Numbers_types_and_identities_come_as_asked_for()
    {
        await DefineAsync();

        var (text, _) = await ReadAsync($"/odata/{_set}?$top=1&$orderby=id&$select=id,price,region&$count=true", ("Accept", "application/json;IEEE754Compatible=true"));
        Assert.Equal("""[{"id":"0","price":"0.50","region":null}]""", text.GetProperty("value").GetRawText());
        Assert.Equal("250", text.GetProperty("@odata.count").GetString());

        var (full, _) = await ReadAsync($"/odata/{_set}?$top=1&$orderby=id&$format=application/json;odata.metadata=full");
        var row = full.GetProperty("value")[0];
        Assert.Equal(($"#DataPlatform.{_set}", "#Int64", "#Date"), (row.GetProperty("@odata.type").GetString(), row.GetProperty("id@odata.type").GetString(), row.GetProperty("day@odata.type").GetString()));
        var (found, _) = await ReadAsync(new Uri(row.GetProperty("@odata.id").GetString()!).PathAndQuery);
        Assert.Equal(0, found.GetProperty("id").GetInt64());

        var (none, _) = await ReadAsync($"/odata/{_set}?$top=1&$format=application/json;odata.metadata=none");
        Assert.Equal(["value"], none.EnumerateObject().Select(property => property.Name));

        var (groups, _) = await ReadAsync($"/odata/{_mart}?$apply=aggregate(orders)");
        Assert.Equal("""[{"orders@odata.type":"#Int64","orders":250}]""", groups.GetProperty("value").GetRawText());
        Assert.EndsWith($"#{_mart}(orders)", groups.GetProperty("@odata.context").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?$bogus=1", 400, "UnknownQueryOption")]
    [InlineData("?$search=x", 501, "NotOffered")]
    [InlineData("?$expand=x", 501, "NotOffered")]
    [InlineData("?filter=id eq 1", 400, "UnknownQueryOption")]
    [InlineData("?$top=1&$top=2", 400, "DuplicateQueryOption")]
    [InlineData("?$filter=nothing eq 1", 400, "UnknownColumn")]
    [InlineData("?$filter=_batch eq 'x'", 400, "UnknownColumn")]
    [InlineData("?$filter=id eq 'x'", 400, "TypeMismatch")]
    [InlineData("?$skiptoken=100.abc", 400, "InvalidCursor")]
    [InlineData("?$format=atom", 406, "NotAcceptable")]
    [InlineData("/$ref", 501, "NotOffered")]
    [InlineData("(1)", 400, "InvalidPath")]
    [InlineData("('ab')", 404, "EntityNotFound")]
    [InlineData("_not_there", 404, "EntitySetNotFound")]
    public async Task What_is_wrong_is_told_in_odatas_shape(string behind, int status, string code)
    {
        await DefineAsync(mart: false);

        using var answer = await SendAsync($"/odata/{_set}{behind}");

        Assert.Equal((status, "4.0"), ((int)answer.StatusCode, answer.Headers.GetValues("OData-Version").Single()));
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Batches_are_not_offered_and_keys_are_needed()
    {
        using var batch = await _api.Client.PostAsync("/odata/$batch", new StringContent("--b--"));
        Assert.Equal(HttpStatusCode.NotImplemented, batch.StatusCode);

        using var stranger = new HttpClient { BaseAddress = _api.Client.BaseAddress };
        using var refused = await stranger.GetAsync("/odata");
        Assert.Equal((HttpStatusCode.Unauthorized, "4.0"), (refused.StatusCode, refused.Headers.GetValues("OData-Version").Single()));
    }

    private async Task DefineAsync(bool mart = true)
    {
        await _api.PutAsync("datasets", _set, """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "day", "type": "date"}, {"name": "region", "type": "string"}, {"name": "price", "type": "decimal(10,2)"} ],
              "key": ["id"], "writeDisposition": "merge" }
            """);
        await _api.IngestAsync(_set, "id,day,region,price\n" + string.Concat(Enumerable.Range(0, 250).Select(id => $"{id},2026-01-{1 + (id / 25):00},{(id % 10 == 0 ? "" : "r" + (id % 3))},{id % 7}.50\n")));
        if (!mart)
            return;
        await _api.PutAsync("marts", _mart, $$"""
            { "source": "{{_set}}", "dimensions": [ {"name": "day"}, {"name": "region"} ], "measures": [ {"name": "orders", "type": "count"}, {"name": "revenue", "type": "sum", "sql": "price"} ] }
            """);
        await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes");
    }

    private async Task<(JsonElement Document, HttpResponseMessage Answer)> ReadAsync(string address, params (string Name, string Value)[] headers)
    {
        var answer = await SendAsync(address, headers);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{address}: {(int)answer.StatusCode} {text}");
        return (JsonDocument.Parse(text).RootElement, answer);
    }

    private async Task<HttpResponseMessage> SendAsync(string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (!headers.Any(header => header.Name == "Accept"))
            request.Headers.TryAddWithoutValidation("Accept", PowerQuery);
        request.Headers.TryAddWithoutValidation("OData-MaxVersion", "4.0");
        request.Headers.TryAddWithoutValidation("MaxDataServiceVersion", "3.0");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _api.Client.SendAsync(request);
    }
}
