using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The way of data from a POST to a mart's rows, against any host.</summary>
public sealed class MainPathTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);

    [Fact]
    public async Task Rows_go_from_a_post_through_a_pipeline_into_a_mart()
    {
        var (orders, customers, facts, mart) = (Name("orders"), Name("customers"), Name("facts"), Name("sales"));
        var pipeline = PlatformFixture.NewName("enrich").Replace('_', '-');
        await _api.PutAsync("datasets", customers, """
            { "writeDisposition": "merge", "key": ["id"],
              "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "country", "type": "string"} ] }
            """);
        await _api.PutAsync("datasets", orders, """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "customer", "type": "int64"},
                          {"name": "placed", "type": "timestamp", "required": true}, {"name": "amount", "type": "decimal(10,2)", "min": 0} ] }
            """);
        await _api.PutAsync("pipelines", pipeline, $$"""
            { "steps": [ { "name": "enrich", "target": "{{facts}}", "parallel": "files",
                           "sql": "SELECT o.*, c.country FROM new.{{orders}} o LEFT JOIN {{customers}} c ON c.id = o.customer",
                           "expectations": [ {"name": "has_country", "condition": "country IS NOT NULL"} ] } ] }
            """);
        await _api.PutAsync("marts", mart, $$"""
            { "source": "{{facts}}", "dimensions": [ {"name": "day", "sql": "CAST(placed AS DATE)"}, {"name": "country"} ],
              "measures": [ {"name": "orders", "type": "count"}, {"name": "revenue", "type": "sum", "sql": "amount"} ] }
            """);

        await _api.IngestAsync(customers, "id,country\n1,DE\n2,FR\n");
        await _api.IngestAsync(orders, "id,customer,placed,amount\n1,1,2026-03-01T10:00:00Z,10.50\n2,2,2026-03-01T23:59:59Z,4.50\n");
        await _api.IngestAsync(orders, new MemoryStream(Gzip("""
            {"id":3,"customer":1,"placed":"2026-03-02T00:00:00+01:00","amount":5}
            {"id":4,"customer":9,"placed":"2026-03-02T12:00:00Z","amount":-1}
            {"id":5,"customer":9,"placed":"2026-03-02T12:00:00Z","amount":1.25}
            """)), "application/x-ndjson", contentEncoding: "gzip");
        await _api.IngestAsync(customers, "id,country\n2,BE\n");
        var run = await _api.RunAsync($"/api/v1/pipelines/{pipeline}/runs");
        await _api.RunAsync($"/api/v1/marts/{mart}/refreshes");

        var step = run.GetProperty("steps")[0];
        Assert.Equal((4, 4), (step.GetProperty("rowsIn").GetInt64(), step.GetProperty("rowsOut").GetInt64()));
        Assert.Equal(1, step.GetProperty("expectations")[0].GetProperty("broken").GetInt64());
        var rows = (await _api.GetAsync($"/api/v1/marts/{mart}/rows?orderby=day,country")).GetProperty("value");
        Assert.Equal(
            ["2026-03-01|BE|1|4.50", "2026-03-01|DE|2|15.50", "2026-03-02||1|1.25"],
            rows.EnumerateArray().Select(row =>
                $"{row.GetProperty("day")}|{row.GetProperty("country")}|{row.GetProperty("orders")}|{row.GetProperty("revenue")}"));
        var ledger = await _api.GetAsync($"/api/v1/ledger/{orders}");
        Assert.True(ledger.GetProperty("balanced").GetBoolean(), ledger.ToString());
        await _api.ProveAsync(orders);
        await _api.ProveAsync(customers);
        Assert.Equal((5, 4, 1), (
            ledger.GetProperty("totals").GetProperty("received").GetInt64(),
            ledger.GetProperty("totals").GetProperty("loaded").GetInt64(),
            ledger.GetProperty("totals").GetProperty("quarantined").GetInt64()));
    }

    [Fact]
    public async Task A_broken_row_comes_back_with_its_place_and_text()
    {
        var dataset = Name("things");
        await _api.PutAsync("datasets", dataset, """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "code", "type": "string", "pattern": "^[A-Z]{3}$"} ] }
            """);

        var receipt = await _api.IngestAsync(dataset, "code,id\nABC,1\nxyz,2\nDEF,three\n\"open\nGHI,5\n");

        Assert.Equal((5, 2, 3), (
            receipt.GetProperty("received").GetInt64(), receipt.GetProperty("loaded").GetInt64(), receipt.GetProperty("quarantined").GetInt64()));
        var quarantine = await _api.Client.GetStringAsync(receipt.GetProperty("links").GetProperty("quarantine").GetString());
        var rows = quarantine.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement);
        Assert.Equal(
            ["3|xyz,2|code|pattern", "4|DEF,three|id|type", "5|\"open||quote"],
            rows.Select(row =>
            {
                var error = row.GetProperty("errors")[0];
                var column = error.TryGetProperty("column", out var name) ? name.GetString() : "";
                return $"{row.GetProperty("line")}|{row.GetProperty("raw")}|{column}|{error.GetProperty("rule")}";
            }));
    }

    [Fact]
    public async Task A_changed_contract_answers_with_its_changes_and_a_breaking_one_must_be_meant()
    {
        var dataset = Name("things");
        await _api.PutAsync("datasets", dataset, """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await _api.IngestAsync(dataset, "id\n1\n");

        using var added = await PutAsync("", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "twice", "type": "int64", "expression": "id * 2"} ] }""");
        using var refused = await PutAsync("", """{ "fields": [ {"name": "id", "type": "int64", "max": 9} ] }""");
        using var meant = await PutAsync("?compatibility=none", """{ "fields": [ {"name": "id", "type": "int64", "max": 9} ] }""");
        using var wrong = await PutAsync("", """{ "fields": [ {"name": "id", "type": "int64", "expression": "value +"} ] }""");

        var change = Assert.Single((await PlatformApi.ReadAsync(added)).GetProperty("changes").EnumerateArray());
        Assert.Equal(("$.fields[1]", "compatible"), (change.GetProperty("path").GetString(), change.GetProperty("class").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.BadRequest), (refused.StatusCode, wrong.StatusCode));
        Assert.Contains("IncompatibleContract", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("$.fields[0].expression", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var answer = await PlatformApi.ReadAsync(meant);
        Assert.Equal(("replaced", 3, 9), (
            answer.GetProperty("outcome").GetString(), answer.GetProperty("definitionVersion").GetInt32(),
            answer.GetProperty("definition").GetProperty("fields")[0].GetProperty("max").GetInt32()));

        Task<HttpResponseMessage> PutAsync(string query, string document) => _api.Client.PutAsync(
            $"/api/v1/datasets/{dataset}{query}", new StringContent(document, System.Text.Encoding.UTF8, "application/json"));
    }

    [Fact]
    public async Task An_unchanged_table_answers_304_and_a_changed_one_does_not()
    {
        var dataset = Name("things");
        await _api.PutAsync("datasets", dataset, """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await _api.IngestAsync(dataset, "id\n1\n");
        using var first = await _api.Client.GetAsync($"/api/v1/datasets/{dataset}/rows");
        var tag = first.Headers.ETag!;

        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(tag, ""));
        var receipt = await _api.IngestAsync(dataset, "id\n2\n");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(tag, $"?min-version={receipt.GetProperty("tableVersion")}"));

        async Task<HttpStatusCode> StatusAsync(EntityTagHeaderValue known, string query)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/datasets/{dataset}/rows{query}");
            request.Headers.IfNoneMatch.Add(known);
            using var answer = await _api.Client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    private static string Name(string stem) => PlatformFixture.NewName(stem);

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
