using System.Net;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Marts that follow their source partition by partition, against any host.</summary>
public sealed class MartRefreshTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);
    private readonly string _dataset = PlatformFixture.NewName("sales");
    private readonly string _mart = PlatformFixture.NewName("daily");

    [Fact]
    public async Task Late_rows_compute_their_day_and_the_mart_is_proved_equal()
    {
        await DefineAsync();
        var first = await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes");
        Assert.Equal("Computed whole: It had no data yet.", Note(first));
        Assert.Equal("Nothing new: neither the source nor the definition has changed.", Note(await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes")));
        await _api.IngestAsync(_dataset, "day,shop,amount\n2026-01-03,a,2.50\n");

        var stale = await _api.GetAsync($"/api/v1/marts/{_mart}/status");
        var (status, preview) = await PostAsync("refreshes", """{ "dryRun": true }""");
        var second = await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes");
        var fresh = await _api.GetAsync($"/api/v1/marts/{_mart}/status");
        var verified = await _api.RunAsync($"/api/v1/marts/{_mart}/verify");

        Assert.Equal((HttpStatusCode.OK, "partitions", 1), (status, preview.GetProperty("extent").GetString(), preview.GetProperty("partitionsTouched").GetInt32()));
        Assert.Equal("2026-01-03", preview.GetProperty("partitions")[0].GetProperty("day").GetString());
        Assert.Equal("1 partition computed again, the others kept.", Note(second));
        Assert.True(stale.GetProperty("sources")[0].TryGetProperty("behindSince", out _), stale.ToString());
        Assert.False(fresh.GetProperty("sources")[0].TryGetProperty("behindSince", out _), fresh.ToString());
        Assert.False(fresh.GetProperty("isStale").GetBoolean());
        Assert.Equal(fresh.GetProperty("sources")[0].GetProperty("version").GetInt64(), fresh.GetProperty("sources")[0].GetProperty("heldVersion").GetInt64());
        Assert.True(verified.GetProperty("verification").GetProperty("equal").GetBoolean());
        Assert.Equal(["2026-01-03|a|2|5.50", "2026-01-03|b|1|1.00"], (await _api.GetAsync($"/api/v1/marts/{_mart}/rows?filter=day eq 2026-01-03&orderby=shop")).GetProperty("value").EnumerateArray()
            .Select(row => $"{row.GetProperty("day").GetString()}|{row.GetProperty("shop").GetString()}|{row.GetProperty("sales")}|{row.GetProperty("revenue")}"));
        var explained = await _api.GetAsync($"/api/v1/marts/{_mart}/explain?day=2026-01-03&shop=a");
        Assert.Equal((2, 2), (explained.GetProperty("sourceRows").GetInt32(), explained.GetProperty("batches").GetArrayLength()));
        Assert.Equal("5.50", explained.GetProperty("measures")[1].GetProperty("value").GetString());
        foreach (var batch in explained.GetProperty("batches").EnumerateArray())
            Assert.Equal("committed", (await _api.GetAsync(batch.GetProperty("receipt").GetString()!)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _api.Client.GetAsync($"/api/v1/marts/{_mart}/explain?day=2026-01-03&null=shop")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.Client.GetAsync($"/api/v1/marts/{_mart}/explain?day=2026-01-03")).StatusCode);
        var list = await _api.GetAsync($"/api/v1/marts/{_mart}/refreshes?top=1");
        Assert.Equal(verified.GetProperty("id").GetString(), list.GetProperty("value")[0].GetProperty("id").GetString());
        Assert.True(list.TryGetProperty("nextLink", out _));
    }

    [Fact]
    public async Task Partitions_ranges_and_all_are_computed_on_request()
    {
        await DefineAsync();
        await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes");

        Assert.Equal("2 partitions computed again, the others kept.", Note(await RefreshAsync("""{ "partitions": [ {"day": "2026-01-01"}, {"day": "2026-01-09"} ] }""")));
        Assert.Equal("3 partitions computed again, the others kept.", Note(await RefreshAsync("""{ "range": {"from": "2026-01-02", "to": "2026-01-05"} }""")));
        Assert.Equal("Computed whole: It was asked for.", Note(await RefreshAsync("""{ "all": true }""")));
        Assert.True((await _api.RunAsync($"/api/v1/marts/{_mart}/verify")).GetProperty("verification").GetProperty("equal").GetBoolean());
    }

    [Fact]
    public async Task What_cannot_be_refreshed_is_told_with_its_place()
    {
        await DefineAsync();
        await _api.RunAsync($"/api/v1/marts/{_mart}/refreshes");

        var (status, error) = await PostAsync("refreshes", """{ "all": true, "partitions": [ {"shop": "a"} ], "range": {"from": 1}, "often": 1 }""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("InvalidRefreshRequest", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(
            ["$.often", "$.partitions", "$.partitions[0].day", "$.partitions[0].shop", "$.range.to"],
            error.GetProperty("error").GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("target").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await _api.Client.GetAsync("/api/v1/marts/nothing/status")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.Client.GetAsync("/api/v1/marts/nothing/refreshes")).StatusCode);
        var (conflict, answer) = await PostAsync("refreshes", """{ "dryRun": true, "partitions": [ {"day": "yesterday"} ] }""");
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidPartition"), (conflict, answer.GetProperty("error").GetProperty("code").GetString()));
    }

    private static string? Note(JsonElement run) => run.GetProperty("steps")[0].GetProperty("note").GetString();

    private async Task DefineAsync()
    {
        await _api.PutAsync("datasets", _dataset, """
            { "fields": [ {"name": "day", "type": "date", "required": true}, {"name": "shop", "type": "string"}, {"name": "amount", "type": "decimal(10,2)"} ] }
            """);
        await _api.PutAsync("marts", _mart, $$"""
            { "source": "{{_dataset}}", "partitionBy": ["day"], "freshness": "PT1H", "dimensions": [ {"name": "day"}, {"name": "shop"} ],
              "measures": [ {"name": "sales", "type": "count"}, {"name": "revenue", "type": "sum", "sql": "amount"} ] }
            """);
        await _api.IngestAsync(_dataset, "day,shop,amount\n" + string.Concat(Enumerable.Range(1, 9).Select(day => $"2026-01-0{day},a,3.00\n2026-01-0{day},b,1.00\n")));
    }

    private async Task<JsonElement> RefreshAsync(string document)
    {
        var (status, started) = await PostAsync("refreshes", document);
        Assert.Equal(HttpStatusCode.Accepted, status);
        return await _api.WaitForRunAsync($"/api/v1/runs/{started.GetProperty("id").GetString()}?wait=30");
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string action, string document)
    {
        using var body = new StringContent(document, Encoding.UTF8, "application/json");
        using var answer = await _api.Client.PostAsync($"/api/v1/marts/{_mart}/{action}", body);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
