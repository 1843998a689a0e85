using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Tables are optimized, vacuumed and restored over REST; a host that is killed on the way leaves nothing half done.</summary>
public sealed class TableOperationTests
{
    private const string Operations = "/api/v1/warehouse/tables/flights/operations";
    private const int Rows = 1_000;

    [Fact]
    public async Task Operations_survive_kills_and_are_done_once()
    {
        using var folder = new TestFolder();
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            await api.PutSampleAsync("datasets", "flights");
            for (var i = 0; i < 4; i++)
                await api.IngestAsync("flights", Samples.FlightsCsv(Rows));

            var dry = await PlatformApi.ReadAsync(await PostAsync(api, """{"operation":"optimize","dryRun":true}"""));
            Assert.Equal((1, 4), (dry.GetProperty("result").GetProperty("commits").GetInt32(), dry.GetProperty("result").GetProperty("filesRemoved").GetInt32()));
            await AssertRefusedAsync(api, """{"operation":"shrink"}""", HttpStatusCode.BadRequest, "InvalidOperation");
            await AssertRefusedAsync(api, """{"operation":"restore"}""", HttpStatusCode.BadRequest, "InvalidOperation");
            await AssertRefusedAsync(api, """{"operation":"vacuum","version":3}""", HttpStatusCode.BadRequest, "InvalidOperation");
            await AssertRefusedAsync(api, """{"operation":"restore","version":99}""", HttpStatusCode.NotFound, "TableVersionNotFound");
            await host.StopAsync();
        }

        foreach (var place in new[] { "before-compaction-commit", "after-compaction-commit" })
        {
            var optimized = await KilledAsync(folder, """{"operation":"optimize"}""", place, Rows * 4);
            if (place == "before-compaction-commit")
                Assert.Equal((1, 4, 1), (Number(optimized, "commits"), Number(optimized, "filesRemoved"), Number(optimized, "filesAdded")));

            // So that there is something to do again.
            await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
            await new PlatformApi(host.Client).WaitForRunAsync(await StartAsync(new PlatformApi(host.Client), """{"operation":"restore","version":3}"""));
            await host.StopAsync();
        }

        foreach (var (place, version) in new[] { ("before-restore-commit", 1), ("after-restore-commit", 0) })
        {
            var restored = await KilledAsync(folder, $$"""{"operation":"restore","version":{{version}}}""", place, Rows * (version + 1));
            Assert.Equal(version, Number(restored, "restoredVersion"));
        }

        foreach (var (place, condition, left) in new[] { ("before-rows-commit", "_row % 2 = 0", 500), ("after-rows-commit", "_row % 4 = 1", 250) })
        {
            var deleted = await KilledAsync(folder, $$"""{"operation":"delete","condition":"{{condition}}"}""", place, left);
            Assert.Equal((left, 1, 1), (Number(deleted, "rows"), Number(deleted, "filesRemoved"), Number(deleted, "filesAdded")));
        }

        foreach (var (place, type) in new[] { ("widened-file", "int64"), ("before-widening-commit", "decimal(19,0)"), ("after-widening-commit", "decimal(20,0)") })
        {
            var widened = await KilledAsync(folder, $$$"""{"operation":"widen","columns":{"delay":"{{{type}}}"}}""", place, 250);
            Assert.Equal((1, 1), (Number(widened, "filesRemoved"), Number(widened, "filesAdded")));
        }

        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            await AssertRefusedAsync(api, """{"operation":"widen","columns":{"delay":"int32","distance":"number"}}""", HttpStatusCode.BadRequest, "InvalidOperation");
            await AssertRefusedAsync(api, """{"operation":"widen","columns":{"delay":"int32"}}""", HttpStatusCode.BadRequest, "NotWider");
            await AssertRefusedAsync(api, """{"operation":"delete","condition":"dealy > 3"}""", HttpStatusCode.BadRequest, "InvalidSql");
            await AssertRefusedAsync(api, """{"operation":"update","condition":"true","set":{"delay":"0"}}""", HttpStatusCode.Conflict, "RowsAsSent");
            var dry = await PlatformApi.ReadAsync(await PostAsync(api, """{"operation":"delete","condition":"true","dryRun":true}"""));
            Assert.Equal((250, 1), (Number(dry.GetProperty("result"), "rows"), Number(dry.GetProperty("result"), "filesRead")));

            // The ledger says what was received and loaded, whatever became of the rows.
            var ledger = await api.GetAsync("/api/v1/ledger/flights");
            Assert.True(ledger.GetProperty("balanced").GetBoolean());
            await host.StopAsync();
        }

        var table = Path.GetDirectoryName(Directory.EnumerateDirectories(folder.Path, "_delta_log", SearchOption.AllDirectories).Single())!;
        for (var i = 0; i < 5; i++)
        {
            var orphan = Path.Combine(table, $"left-behind-{i}.parquet");
            await File.WriteAllTextAsync(orphan, "x");
            File.SetLastWriteTimeUtc(orphan, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-30));
        }

        await KilledAsync(folder, """{"operation":"vacuum"}""", "vacuum:2", 250);
        Assert.Empty(Directory.EnumerateFiles(table, "left-behind-*"));
    }

    [Fact]
    public async Task One_key_is_one_operation()
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.IngestAsync("flights", Samples.FlightsCsv(Rows));

        var first = await StartAsync(api, """{"operation":"vacuum"}""", "k");
        Assert.Equal(first, await StartAsync(api, """{"operation":"vacuum"}""", "k"));
        using var other = await PostAsync(api, """{"operation":"optimize"}""", "k");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        await api.WaitForRunAsync(first);
        var second = await StartAsync(api, """{"operation":"optimize"}""");
        await api.WaitForRunAsync(second);

        var page = await api.GetAsync($"{Operations}?top=1");
        Assert.EndsWith(Assert.Single(page.GetProperty("value").EnumerateArray()).GetProperty("id").GetString()!, second, StringComparison.Ordinal);
        page = await api.GetAsync(new Uri(page.GetProperty("nextLink").GetString()!).PathAndQuery);
        Assert.EndsWith(Assert.Single(page.GetProperty("value").EnumerateArray()).GetProperty("id").GetString()!, first, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_table_that_nobody_uses_is_dropped_with_all_that_belongs_to_it()
    {
        using var folder = new TestFolder();
        const string Table = "/api/v1/warehouse/tables/flights";
        string location;
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = "after-drop-commit" }))
        {
            var api = new PlatformApi(host.Client);
            await api.PutSampleAsync("datasets", "flights");
            await api.IngestAsync("flights", Samples.FlightsCsv(Rows), "the-same-key");
            using (var used = await api.Client.DeleteAsync(Table))
            {
                Assert.Equal((HttpStatusCode.Conflict, "TableInUse"), (used.StatusCode, used.Headers.GetValues("x-ms-error-code").Single()));
                Assert.Contains("dataset 'flights'", await used.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            using (var deleted = await api.Client.DeleteAsync("/api/v1/datasets/flights"))
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            var dry = (await PlatformApi.ReadAsync(await api.Client.DeleteAsync($"{Table}?dryRun=true"))).GetProperty("result");
            Assert.Equal((Rows, 1), (Number(dry, "rows"), Number(dry, "files")));
            Assert.True(dry.GetProperty("also").GetProperty("claimRows").GetInt32() > 0);

            using var answer = await api.Client.DeleteAsync(Table);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            location = new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await host.WaitForExitAsync(limit.Token);
        }

        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            var result = (await api.WaitForRunAsync(location)).GetProperty("result");
            Assert.Equal((Rows, 1, false), (Number(result, "rows"), Number(result, "files"), result.GetProperty("madeAnew").GetBoolean()));
            Assert.All(Directory.EnumerateFiles(folder.Path, "*.parquet", SearchOption.AllDirectories), file => Assert.Contains("_delta_log", file, StringComparison.Ordinal));
            using (var again = await api.Client.DeleteAsync(Table))
                Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);

            // What was received stays accounted for; a dataset of the name begins anew, with the same rows if they are sent again.
            Assert.Equal(Rows, (await api.GetAsync("/api/v1/ledger/flights")).GetProperty("totals").GetProperty("received").GetInt32());
            await api.PutSampleAsync("datasets", "flights");
            await api.IngestAsync("flights", Samples.FlightsCsv(Rows), "the-same-key");
            Assert.Equal(Rows, await api.CountAsync("datasets/flights"));
            Assert.Equal(2 * Rows, (await api.GetAsync("/api/v1/ledger/flights")).GetProperty("totals").GetProperty("received").GetInt32());
            await host.StopAsync();
        }
    }

    /// <summary>Starts an operation on a host that dies on the way, and waits for its end on another.</summary>
    private static async Task<JsonElement> KilledAsync(TestFolder folder, string document, string place, long rows)
    {
        string location;
        await using (var dying = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = place }))
        {
            location = await StartAsync(new PlatformApi(dying.Client), document);
            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await dying.WaitForExitAsync(limit.Token);
        }

        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        var operation = await api.WaitForRunAsync(location);
        Assert.Equal(rows, await api.CountAsync("datasets/flights"));
        await host.StopAsync();
        return operation.GetProperty("result");
    }

    private static int Number(JsonElement result, string name) => result.GetProperty(name).GetInt32();

    private static async Task<string> StartAsync(PlatformApi api, string document, string? key = null)
    {
        using var answer = await PostAsync(api, document, key);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
    }

    private static async Task AssertRefusedAsync(PlatformApi api, string document, HttpStatusCode status, string code)
    {
        using var answer = await PostAsync(api, document);
        Assert.Equal((status, code), (answer.StatusCode, answer.Headers.GetValues("x-ms-error-code").Single()));
    }

    private static async Task<HttpResponseMessage> PostAsync(PlatformApi api, string document, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Operations) { Content = new StringContent(document, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await api.Client.SendAsync(request);
    }
}
