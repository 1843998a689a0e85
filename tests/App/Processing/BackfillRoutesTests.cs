using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace DataPlatform.App.Tests.Processing;

/// <summary>Backfills over HTTP: told before they begin, begun, refused, canceled and gone on with.</summary>
public sealed class BackfillRoutesTests(AppHostFixture fixture) : IClassFixture<AppHostFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dry_run_tells_what_would_be_read_and_a_backfill_reads_it_once()
    {
        await DefineAsync("told", "SELECT id FROM new.told_in", batches: 5);
        const string ByTwo = """{ "source": "told_in", "sliceBy": 2 }""";

        var (dryStatus, dry) = await PostAsync("pipelines/told/backfills?dryRun=true", ByTwo);
        var before = await GetAsync("pipelines/told/backfills");
        var (status, started) = await PostAsync("pipelines/told/backfills", ByTwo, "k");
        var (again, same) = await PostAsync("pipelines/told/backfills", ByTwo, "k");
        var (reused, _) = await PostAsync("pipelines/told/backfills", """{ "source": "told_in", "sliceBy": 1 }""", "k");
        var ended = await UntilEndedAsync($"backfills/{Text(started, "id")}");

        Assert.Equal((HttpStatusCode.OK, 5, 50), (dryStatus, Number(dry, "batches"), Number(dry, "rows")));
        Assert.Equal([20, 20, 10], dry.GetProperty("slices").EnumerateArray().Select(slice => Number(slice, "rows")));
        Assert.Empty(before.GetProperty("value").EnumerateArray());
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.UnprocessableEntity), (status, again, reused));
        Assert.Equal(Text(started, "id"), Text(same, "id"));
        Assert.Equal(("Succeeded", 3, 50), (Text(ended, "status"), Number(ended, "slicesDone"), Number(ended, "rowsDone")));
        Assert.Equal(Enumerable.Range(0, 50), await IdsAsync("told_out"));
        Assert.Equal(3, (await GetAsync("runs?pipeline=told&trigger=backfill")).GetProperty("value").GetArrayLength());
        Assert.Equal(Text(started, "id"), Text(Assert.Single((await GetAsync("pipelines/told/backfills")).GetProperty("value").EnumerateArray()), "id"));
    }

    [Fact]
    public async Task Bad_ranges_are_refused_with_the_fix()
    {
        await DefineAsync("ranges", "SELECT id FROM new.ranges_in", batches: 2);
        await PostAsync("pipelines/ranges/runs?wait=60", body: null);
        await LoadAsync("ranges_in", 2);
        await LoadAsync("ranges_in", 3);

        foreach (var (document, status, code, fix) in new[]
            {
                ("""{ "source": "ranges_in", "sliceBy": 1, "from": 0 }""", HttpStatusCode.Conflict, "BackfillRangeRead", "fullRefresh"),
                ("""{ "source": "ranges_in", "sliceBy": 1, "to": 1 }""", HttpStatusCode.Conflict, "BackfillRangeRead", "up to version 1"),
                ("""{ "source": "ranges_in", "sliceBy": 1, "from": 3 }""", HttpStatusCode.Conflict, "BackfillRangeGap", "Leave 'from' out"),
                ("""{ "source": "ranges_out", "sliceBy": 1 }""", HttpStatusCode.BadRequest, "InvalidBackfill", "new.ranges_out"),
                ("""{ "source": "ranges_in", "sliceBy": "soon" }""", HttpStatusCode.BadRequest, "InvalidBackfill", "P1D"),
                ("""{ "source": "ranges_in" }""", HttpStatusCode.BadRequest, "InvalidBackfill", "sliceBy"),
                ("nonsense", HttpStatusCode.BadRequest, "InvalidJson", "JSON"),
            })
        {
            var (answer, body) = await PostAsync("pipelines/ranges/backfills", document);
            Assert.Equal((document, status, code), (document, answer, Text(body.GetProperty("error"), "code")));
            Assert.Contains(fix, body.ToString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("pipelines/ranges/backfills?dryRun=maybe", """{ "source": "ranges_in", "sliceBy": 1 }""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("pipelines/nobody/backfills", """{ "source": "ranges_in", "sliceBy": 1 }""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("backfills/ranges-20260101000000000-01234567/cancel", body: null)).Status);
        Assert.Empty((await GetAsync("pipelines/ranges/backfills")).GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task A_backfill_canceled_in_the_middle_keeps_its_slices_and_another_goes_on_behind_them()
    {
        // Rows of the second batch on keep the query busy for as long as anybody lets it.
        await DefineAsync("stopped", "SELECT s.id, sum(hash(r.range)) AS n FROM new.stopped_in s, range(1 + (s.id // 10) * 1000000000000) r GROUP BY s.id", batches: 3);
        const string ByOne = """{ "source": "stopped_in", "sliceBy": 1 }""";
        var (_, started) = await PostAsync("pipelines/stopped/backfills", ByOne);
        var place = $"backfills/{Text(started, "id")}";
        await UntilAsync(place, backfill => Number(backfill, "slicesDone") == 1);

        var (status, _) = await PostAsync($"{place}/cancel", body: null);
        var ended = await UntilEndedAsync(place);
        var (late, error) = await PostAsync($"{place}/cancel", body: null);
        await PutAsync("pipelines/stopped?onStepChange=continue", Pipeline("stopped", "SELECT id, hash(id) AS n FROM new.stopped_in"));
        var (_, second) = await PostAsync("pipelines/stopped/backfills", ByOne);
        var done = await UntilEndedAsync($"backfills/{Text(second, "id")}");

        Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.OK, status.ToString());
        Assert.Equal(("Canceled", 1, 10), (Text(ended, "status"), Number(ended, "slicesDone"), Number(ended, "rowsDone")));
        Assert.Equal("RunCanceled", Text(ended.GetProperty("error"), "code"));
        Assert.True(late is HttpStatusCode.OK || Text(error.GetProperty("error"), "code") == "BackfillHasEnded", error.ToString());
        Assert.Equal(("Succeeded", 2), (Text(done, "status"), Number(done, "slicesDone")));
        Assert.Equal(Enumerable.Range(0, 30), await IdsAsync("stopped_out"));
    }

    [Fact]
    public async Task Slices_side_by_side_read_each_row_once_and_end_in_their_order()
    {
        await DefineAsync("side", "SELECT id FROM new.side_in", batches: 6, """, "timeout": "PT5M" """);

        var (_, started) = await PostAsync("pipelines/side/backfills", """{ "source": "side_in", "sliceBy": 1, "parallelism": 3 }""");
        var ended = await UntilEndedAsync($"backfills/{Text(started, "id")}");
        var (many, _) = await PostAsync("pipelines/side/backfills", """{ "source": "side_in", "sliceBy": 1, "parallelism": 1000 }""");

        Assert.True(Text(ended, "status") == "Succeeded", ended.ToString());
        Assert.Equal((6, 60, 3), (Number(ended, "slicesDone"), Number(ended, "rowsDone"), Number(ended, "parallelism")));
        Assert.Equal(Enumerable.Range(0, 60), await IdsAsync("side_out"));
        var runs = (await GetAsync("runs?pipeline=side&trigger=backfill")).GetProperty("value").EnumerateArray().Reverse().ToList();
        Assert.Equal(Enumerable.Range(0, 6), runs.Select(run => Number(run.GetProperty("steps")[0], "tableVersion")));
        Assert.Equal(HttpStatusCode.BadRequest, many);
    }

    [Fact]
    public async Task A_slice_that_fails_can_be_gone_on_with_and_then_the_rest()
    {
        await DefineAsync("broken", "SELECT id FROM new.broken_in", batches: 3, """, "expectations": [ {"name": "small", "condition": "id < 10", "onFail": "fail"} ]""");
        const string ByOne = """{ "source": "broken_in", "sliceBy": 1 }""";
        var (_, started) = await PostAsync("pipelines/broken/backfills", ByOne);
        var failed = await UntilEndedAsync($"backfills/{Text(started, "id")}");

        var (status, retry) = await PostAsync($"runs/{Text(failed, "run")}/retries?wait=60", body: null);
        await PutAsync("pipelines/broken?onStepChange=continue", Pipeline("broken", "SELECT id FROM new.broken_in"));
        var (_, rest) = await PostAsync("pipelines/broken/backfills", ByOne);
        var done = await UntilEndedAsync($"backfills/{Text(rest, "id")}");

        Assert.Equal(("Failed", 1, "ExpectationFailed"), (Text(failed, "status"), Number(failed, "slicesDone"), Text(failed.GetProperty("error"), "code")));
        Assert.Equal((HttpStatusCode.OK, "Failed", Text(failed, "run")), (status, Text(retry, "status"), Text(retry, "parent")));
        Assert.Equal(("Succeeded", 2), (Text(done, "status"), Number(done, "slicesDone")));
        Assert.Equal(Enumerable.Range(0, 30), await IdsAsync("broken_out"));
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private static int Number(JsonElement element, string member) => element.GetProperty(member).GetInt32();

    private static string Pipeline(string name, string sql, string more = "") =>
        $$"""{ "steps": [ { "name": "s", "target": "{{name}}_out", "sql": "{{sql}}"{{more}} } ] }""";

    /// <summary>A dataset with some batches of ten rows, and a pipeline that reads it.</summary>
    private async Task DefineAsync(string name, string sql, int batches, string more = "")
    {
        await PutAsync($"datasets/{name}_in", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await PutAsync($"pipelines/{name}", Pipeline(name, sql, more));
        for (var batch = 0; batch < batches; batch++)
            await LoadAsync($"{name}_in", batch);
    }

    private async Task LoadAsync(string dataset, int batch)
    {
        using var content = new StringContent("id\n" + string.Join('\n', Enumerable.Range(batch * 10, 10)) + "\n", new MediaTypeHeaderValue("text/csv"));
        using var answer = await fixture.Client.PostAsync($"/api/v1/ingest/{dataset}", content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task PutAsync(string path, string document)
    {
        using var content = new StringContent(document, new MediaTypeHeaderValue("application/json"));
        using var answer = await fixture.Client.PutAsync($"/api/v1/{path}", content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string? body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/{path}");
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await fixture.Client.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private Task<JsonElement> GetAsync(string path) => fixture.Client.GetFromJsonAsync<JsonElement>($"/api/v1/{path}", Token);

    private async Task<IEnumerable<int>> IdsAsync(string table) =>
        (await GetAsync($"warehouse/tables/{table}/rows?top=1000")).GetProperty("value").EnumerateArray().Select(row => Number(row, "id")).Order();

    private Task<JsonElement> UntilEndedAsync(string path) => UntilAsync(path, backfill => Text(backfill, "status") is "Succeeded" or "Failed" or "Canceled");

    private async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> done)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (true)
        {
            var backfill = await fixture.Client.GetFromJsonAsync<JsonElement>($"/api/v1/{path}", limit.Token);
            if (done(backfill))
                return backfill;
            await Task.Delay(50, limit.Token);
        }
    }
}
