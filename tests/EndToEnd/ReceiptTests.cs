using System.Net;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Receipts that tell where rows went, against any host.</summary>
public sealed class ReceiptTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);

    [Fact]
    public async Task Who_waits_for_a_mart_is_answered_when_the_rows_are_there()
    {
        var (dataset, fact, mart, pipeline) = await DefineAsync();
        var first = await _api.IngestAsync(dataset, "id,kind\n1,a\n");
        var second = await _api.IngestAsync(dataset, "id,kind\n2,b\n");

        var (early, status) = await GetAsync(second, $"?wait=mart:{mart}&timeout=0");
        var waiting = GetAsync(second, $"?wait=mart:{mart}");
        await _api.RunAsync($"/api/v1/pipelines/{pipeline}/runs");
        await _api.RunAsync($"/api/v1/marts/{mart}/refreshes");
        var (receipt, there) = await waiting;
        var (older, _) = await GetAsync(first, "?trail=true");

        Assert.Equal((HttpStatusCode.Accepted, "committed"), (status, early.GetProperty("trail").GetProperty("stage").GetString()));
        Assert.Equal((HttpStatusCode.OK, true), (there, receipt.GetProperty("trail").GetProperty("reached").GetBoolean()));
        Assert.Equal(
            [$"{dataset} dataset contained 1", $"{fact} warehouse contained 0", $"{mart} mart contained 0"],
            receipt.GetProperty("trail").GetProperty("tables").EnumerateArray().Select(Text));
        Assert.Equal(pipeline, receipt.GetProperty("trail").GetProperty("tables")[1].GetProperty("pipeline").GetString());
        Assert.Equal($"mart:{mart}", older.GetProperty("trail").GetProperty("stage").GetString());
    }

    [Fact]
    public async Task Waiting_for_what_never_comes_is_refused_at_once()
    {
        var (dataset, fact, mart, _) = await DefineAsync();
        var other = PlatformFixture.NewName("other");
        await _api.PutAsync("datasets", other, """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        var receipt = await _api.IngestAsync(other, "id\n1\n");
        var ours = await _api.IngestAsync(dataset, "id,kind\n1,a\n");

        var (error, status) = await GetAsync(receipt, $"?wait=mart:{mart}");
        var (hint, _) = await GetAsync(ours, $"?wait=table:{other}");

        Assert.Equal((HttpStatusCode.BadRequest, "NoPath"), (status, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains($"table:{fact}", hint.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(receipt, "?wait=mart:none")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(receipt, "?wait=nothing")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(receipt, "?wait=committed&timeout=61")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(receipt, "?timeout=1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(receipt, "?wait=committed")).Status);
    }

    [Fact]
    public async Task A_run_that_fails_meanwhile_ends_the_wait_and_is_named()
    {
        var (dataset, fact, mart, pipeline) = await DefineAsync("SELECT id, CAST(kind AS INTEGER) AS kind FROM new.{0}");
        var receipt = await _api.IngestAsync(dataset, "id,kind\n1,a\n");

        var waiting = GetAsync(receipt, $"?wait=mart:{mart}");
        var run = await _api.StartAsync($"/api/v1/pipelines/{pipeline}/runs");
        var (answer, status) = await waiting;

        var stage = answer.GetProperty("trail").GetProperty("tables")[1];
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((fact, "failed", "SqlError"), (
            stage.GetProperty("table").GetString(), stage.GetProperty("state").GetString(), stage.GetProperty("error").GetProperty("code").GetString()));
        Assert.EndsWith(stage.GetProperty("run").GetString()!, run, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ledger_counts_by_time_lists_its_batches_and_is_proved()
    {
        var (dataset, _, _, _) = await DefineAsync();
        var first = await _api.IngestAsync(dataset, "id,kind\n1,a\nx,b\n");
        var second = await _api.IngestAsync(dataset, "id,kind\n2,b\n");
        using var refused = await _api.PostBatchAsync(dataset, new MemoryStream([1, 2, 3]), "application/vnd.apache.parquet");

        var ledger = await _api.GetAsync($"/api/v1/ledger/{dataset}?by=hour");
        var buckets = ledger.GetProperty("buckets").EnumerateArray().ToList();
        List<JsonElement> listed = [];
        foreach (var bucket in buckets)
            listed.AddRange((await _api.GetAsync(bucket.GetProperty("receipts").GetString() + "&state=committed&top=100")).GetProperty("value").EnumerateArray());
        var page = await _api.GetAsync($"/api/v1/receipts?dataset={dataset}&top=1");
        var rejected = await _api.GetAsync($"/api/v1/receipts?dataset={dataset}&state=rejected");
        await _api.ProveAsync(dataset);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal((3, 2, 1, true, 1), (
            Count(ledger, "received"), Count(ledger, "loaded"), Count(ledger, "quarantined"), ledger.GetProperty("balanced").GetBoolean(),
            ledger.GetProperty("rejected").GetInt64()));
        Assert.Equal(3, buckets.Sum(bucket => Count(bucket, "received")));
        Assert.Equal(
            new[] { first, second }.Select(receipt => receipt.GetProperty("id").GetString()).Order(),
            listed.Select(receipt => receipt.GetProperty("id").GetString()).Order());
        Assert.Equal("rejected", page.GetProperty("value")[0].GetProperty("state").GetString());
        Assert.Contains("after=", page.GetProperty("nextLink").GetString(), StringComparison.Ordinal);
        Assert.Equal("UnreadableFile", Assert.Single(rejected.GetProperty("value").EnumerateArray()).GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("value", (await _api.GetAsync("/api/v1/ledger?top=1")).EnumerateObject().Select(member => member.Name));
        foreach (var bad in new[] { $"ledger/{dataset}?by=week", $"receipts?dataset={dataset}&state=lost", "receipts", $"ledger/{dataset}?from=soon" })
        {
            using var answer = await _api.Client.GetAsync($"/api/v1/{bad}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        static long Count(JsonElement sums, string name) => sums.GetProperty("totals").GetProperty(name).GetInt64();
    }

    private static string Text(JsonElement stage) =>
        $"{stage.GetProperty("table")} {stage.GetProperty("kind")} {stage.GetProperty("state")} {stage.GetProperty("tableVersion")}";

    private async Task<(JsonElement Body, HttpStatusCode Status)> GetAsync(JsonElement receipt, string query)
    {
        using var answer = await _api.Client.GetAsync($"/api/v1/receipts/{receipt.GetProperty("id").GetString()}{query}");
        return (JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement, answer.StatusCode);
    }

    private async Task<(string Dataset, string Fact, string Mart, string Pipeline)> DefineAsync(string sql = "SELECT * FROM new.{0}")
    {
        var (dataset, fact, mart) = (PlatformFixture.NewName("things"), PlatformFixture.NewName("fact"), PlatformFixture.NewName("kinds"));
        var pipeline = PlatformFixture.NewName("copy").Replace('_', '-');
        await _api.PutAsync("datasets", dataset, """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "kind", "type": "string"} ] }""");
        await _api.PutAsync("pipelines", pipeline, $$"""
            { "steps": [ { "name": "copy", "target": "{{fact}}", "sql": "{{string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, dataset)}}" } ] }
            """);
        await _api.PutAsync("marts", mart, $$"""
            { "source": "{{fact}}", "dimensions": [ {"name": "kind"} ], "measures": [ {"name": "n", "type": "count"} ] }
            """);
        return (dataset, fact, mart, pipeline);
    }
}
