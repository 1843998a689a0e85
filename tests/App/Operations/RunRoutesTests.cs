using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Operations;

/// <summary>Runs over HTTP: found, told, canceled and gone on with.</summary>
public sealed class RunRoutesTests(AppHostFixture fixture) : IClassFixture<AppHostFixture>
{
    private const string Endless = """{ "name": "slow", "target": "{0}", "mode": "overwrite", "sql": "SELECT sum(hash(a.range, b.range)) AS n FROM range(100000000) a, range(100000000) b" }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_are_found_by_what_they_are_and_tell_what_happened()
    {
        await PutAsync("ok", """{ "name": "one", "target": "ok_t", "mode": "overwrite", "sql": "SELECT 1 AS n" }""");
        await PutAsync("bad", """{ "name": "one", "target": "bad_t", "mode": "overwrite", "sql": "SELECT 1 AS n", "expectations": [ {"name": "e", "condition": "n > 1", "onFail": "fail"} ] }""");
        var ok = await RunAsync("ok");
        var bad = await RunAsync("bad");

        Assert.Contains(Id(ok), await ListAsync("status=Succeeded&trigger=request"));
        Assert.DoesNotContain(Id(bad), await ListAsync("status=Succeeded"));
        Assert.Equal([Id(bad)], await ListAsync("pipeline=bad&status=failed"));
        Assert.Empty(await ListAsync("pipeline=bad&trigger=schedule"));
        Assert.Empty(await ListAsync("pipeline=bad&to=2020-01-01T00:00:00Z"));
        Assert.Equal([Id(bad)], await ListAsync("pipeline=bad&from=2020-01-01T00:00:00Z"));
        Assert.Empty(await ListAsync("mart=bad"));
        var log = await fixture.Client.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{Id(ok)}/log", Token);
        Assert.Equal(
            ["asked", "begun", "step_planned", "step_committed", "ended"], log.GetProperty("value").EnumerateArray().Select(entry => entry.GetProperty("event").GetString()));
        foreach (var (path, status) in new[]
            {
                ("runs?status=Skipped", HttpStatusCode.BadRequest), ("runs?trigger=nobody", HttpStatusCode.BadRequest), ("runs?after=x", HttpStatusCode.BadRequest),
                ("runs?pipeline=p&mart=m", HttpStatusCode.BadRequest), ("runs?from=yesterday-ish", HttpStatusCode.BadRequest),
                ("runs/p-20260101000000000-01234567/log", HttpStatusCode.NotFound),
            })
        {
            using var answer = await fixture.Client.GetAsync($"/api/v1/{path}", Token);
            Assert.Equal((path, status), (path, answer.StatusCode));
        }
    }

    [Fact]
    public async Task Canceling_ends_waiting_runs_at_once_and_running_ones_in_their_work_and_lets_the_next_begin()
    {
        await PutAsync("queue", Endless.Replace("{0}", "queue_t", StringComparison.Ordinal));
        var (first, second, third) = (await StartAsync("queue"), await StartAsync("queue"), await StartAsync("queue"));
        await UntilAsync(first, run => run.GetProperty("status").GetString() == "Running" && run.GetProperty("steps")[0].GetProperty("status").GetString() == "Running");

        var (waiting, canceled) = await PostAsync($"runs/{second}/cancel");
        var (running, _) = await PostAsync($"runs/{first}/cancel");
        var ended = await UntilAsync(first, run => run.GetProperty("status").GetString() == "Canceled");
        await UntilAsync(third, run => run.GetProperty("status").GetString() == "Running");
        var (again, _) = await PostAsync($"runs/{first}/cancel");
        await PostAsync($"runs/{third}/cancel");
        await UntilAsync(third, run => run.GetProperty("status").GetString() == "Canceled");

        Assert.Equal((HttpStatusCode.OK, "Canceled"), (waiting, canceled.GetProperty("status").GetString()));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (running, again));
        Assert.Equal("RunCanceled", ended.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("Canceled", ended.GetProperty("steps")[0].GetProperty("status").GetString());
        Assert.Equal(3, (await ListAsync("pipeline=queue&status=Canceled")).Count);
    }

    [Fact]
    public async Task A_failed_run_is_gone_on_with_and_what_cannot_be_is_refused()
    {
        await PutAsync("retried", """
            { "name": "a", "target": "retried_a", "mode": "overwrite", "sql": "SELECT 1 AS n" },
            { "name": "b", "target": "retried_b", "mode": "overwrite", "sql": "SELECT n FROM retried_a", "expectations": [ {"name": "e", "condition": "n > 1", "onFail": "fail"} ] }
            """);
        var failed = await RunAsync("retried");

        var (status, started) = await PostAsync($"runs/{Id(failed)}/retries", "k");
        var (_, same) = await PostAsync($"runs/{Id(failed)}/retries", "k");
        var retry = await UntilAsync(Id(started), run => run.GetProperty("status").GetString() == "Failed");

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(Id(started), Id(same));
        Assert.Equal((Id(failed), Id(failed)), (retry.GetProperty("parent").GetString(), retry.GetProperty("steps")[0].GetProperty("takenFrom").GetString()));
        Assert.Equal([Id(retry)], await ListAsync("pipeline=retried&trigger=retry"));
        await PutAsync("ok", """{ "name": "one", "target": "ok_t", "mode": "overwrite", "sql": "SELECT 1 AS n" }""");
        var (refused, error) = await PostAsync($"runs/{Id(await RunAsync("ok"))}/retries");
        Assert.Equal((HttpStatusCode.Conflict, "RunNotRetriable"), (refused, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("runs/p-20260101000000000-01234567/retries")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("runs/p-20260101000000000-01234567/cancel")).Status);
    }

    [Fact]
    public async Task Values_are_given_with_the_request_and_checked()
    {
        await PutAsync("given", """{ "name": "s", "target": "given_t", "mode": "overwrite", "sql": "SELECT $n AS n WHERE $n > 0" }""", """{"name": "n", "type": "int64"}""");

        var (missing, mistake) = await PostAsync("pipelines/given/runs");
        var (bad, _) = await PostAsync("pipelines/given/runs", body: """{ "parameters": {"n": "many"} }""");
        var (ok, started) = await PostAsync("pipelines/given/runs", body: """{ "parameters": {"n": 5} }""");
        var run = await UntilAsync(Id(started), run => run.GetProperty("status").GetString() is "Succeeded" or "Failed");

        Assert.Equal((HttpStatusCode.BadRequest, "InvalidRunRequest"), (missing, mistake.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Accepted), (bad, ok));
        Assert.Equal(("Succeeded", "5"), (run.GetProperty("status").GetString(), run.GetProperty("parameters").GetProperty("n").GetString()));
    }

    private static string Id(JsonElement run) => run.GetProperty("id").GetString()!;

    private async Task PutAsync(string name, string steps, string parameters = "")
    {
        using var content = new StringContent($$"""{ "parameters": [ {{parameters}} ], "steps": [ {{steps}} ] }""", new MediaTypeHeaderValue("application/json"));
        using var answer = await fixture.Client.PutAsync($"/api/v1/pipelines/{name}", content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string? key = null, string? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/{path}");
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await fixture.Client.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private async Task<string> StartAsync(string pipeline) => Id((await PostAsync($"pipelines/{pipeline}/runs")).Body);

    private async Task<JsonElement> RunAsync(string pipeline) =>
        await UntilAsync(await StartAsync(pipeline), run => run.GetProperty("status").GetString() is "Succeeded" or "Failed");

    private async Task<JsonElement> UntilAsync(string id, Func<JsonElement, bool> done)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (true)
        {
            var run = await fixture.Client.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{id}", limit.Token);
            if (done(run))
                return run;
            await Task.Delay(50, limit.Token);
        }
    }

    private async Task<IReadOnlyList<string>> ListAsync(string query)
    {
        var list = await fixture.Client.GetFromJsonAsync<JsonElement>($"/api/v1/runs?{query}", Token);
        return [.. list.GetProperty("value").EnumerateArray().Select(Id)];
    }
}
