using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Tests.Processing;

/// <summary>Runs over HTTP on the local host, with its durable engine, also when it is killed in between.</summary>
public sealed class PipelineRunTests : IAsyncDisposable
{
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-test-").FullName;
    private readonly ServiceProvider _services;

    public PipelineRunTests() =>
        _services = new ServiceCollection()
            .Configure<PlatformOptions>(options =>
            {
                options.Storage = Storage;
                options.Scratch = Path.Combine(_folder, "test-scratch");
            })
            .AddLake()
            .AddTables()
            .AddSql()
            .AddLogging()
            .AddCatalog()
            .AddOperations()
            .BuildServiceProvider();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Storage => $"folder:{Path.Combine(_folder, "store")}";

    [Fact]
    public async Task A_run_is_started_followed_and_listed()
    {
        await using var host = await StartAsync();
        await DefineAsync(host, Steps);
        await LoadAsync(0, 100);

        using var first = await PostAsync(host, "key-1");
        using var again = await PostAsync(host, "key-1");
        var run = await EndOfAsync(host, first);

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.NotNull(first.Headers.RetryAfter);
        Assert.Equal(first.Headers.GetValues("Operation-Location"), again.Headers.GetValues("Operation-Location"));
        Assert.True(run.GetProperty("status").GetString() == "Succeeded", run.ToString());
        var step = run.GetProperty("steps")[0];
        Assert.Equal(
            ("enrich", "Succeeded", 100, 100, 0),
            (step.GetProperty("name").GetString(), step.GetProperty("status").GetString(), step.GetProperty("rowsIn").GetInt32(),
                step.GetProperty("rowsOut").GetInt32(), step.GetProperty("tableVersion").GetInt32()));
        var list = await host.Client.GetFromJsonAsync<JsonElement>("/api/v1/runs?pipeline=p", Token);
        Assert.Equal(run.GetProperty("id").GetString(), Assert.Single(list.GetProperty("value").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(100, await RowsAsync());
    }

    [Fact]
    public async Task Who_waits_for_a_run_gets_it_when_it_has_ended()
    {
        await using var host = await StartAsync();
        await DefineAsync(host, Steps);
        await LoadAsync(0, 100);

        using var answer = await host.Client.PostAsync("/api/v1/pipelines/p/runs?wait=60", content: null, Token);
        var run = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        using var bad = await host.Client.PostAsync("/api/v1/pipelines/p/runs?wait=61", content: null, Token);

        Assert.Equal((HttpStatusCode.OK, "Succeeded"), (answer.StatusCode, run.GetProperty("status").GetString()));
        Assert.EndsWith(run.GetProperty("id").GetString()!, Assert.Single(answer.Headers.GetValues("Operation-Location")), StringComparison.Ordinal);
        Assert.Equal(100, await RowsAsync());
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [Fact]
    public async Task A_failure_is_told_in_the_run_and_bad_requests_at_once()
    {
        await using var host = await StartAsync();
        await DefineAsync(host, """{ "name": "s", "target": "fact", "sql": "SELECT nothing FROM new.flights" }""");
        await LoadAsync(0, 100);

        using var started = await PostAsync(host);
        var run = await EndOfAsync(host, started);
        using var unknown = await host.Client.PostAsync("/api/v1/pipelines/none/runs", content: null, Token);
        using var missing = await host.Client.GetAsync("/api/v1/runs/p-20260101000000000-01234567", Token);
        using var both = await host.Client.GetAsync("/api/v1/runs?pipeline=p&mart=m", Token);
        using var odd = await host.Client.GetAsync("/api/v1/runs?pipeline=_pending", Token);
        using var key = await PostAsync(host, "caf\u0001");

        Assert.Equal(("Failed", "SqlError"), (run.GetProperty("status").GetString(), run.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.BadRequest],
            [unknown.StatusCode, missing.StatusCode, both.StatusCode]);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (odd.StatusCode, key.StatusCode));
    }

    [Fact]
    public async Task A_pipeline_that_cannot_run_is_refused_with_all_its_mistakes()
    {
        await using var host = await StartAsync();
        using var content = new StringContent(
            """{ "steps": [ {"name": "a", "target": "t", "sql": "SELECT * FROM nowhere"}, {"name": "b", "target": "u", "sql": "SELECT FROM"} ] }""",
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        using var answer = await host.Client.PutAsync("/api/v1/pipelines/p", content, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var details = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("details");
        Assert.Equal(["$.steps[0].sql", "$.steps[1].sql"], details.EnumerateArray().Select(detail => detail.GetProperty("target").GetString()));
    }

    [Fact]
    public async Task Broken_rows_can_be_read_and_a_changed_step_needs_a_decision()
    {
        await using var host = await StartAsync();
        const string step = """{ "name": "s", "target": "fact", "sql": "SELECT id FROM new.flights", "expectations": [ {"name": "small", "condition": "id < 98", "onFail": "quarantine"} ] }""";
        await DefineAsync(host, step);
        await LoadAsync(0, 100);
        using var answer = await host.Client.PostAsync("/api/v1/pipelines/p/runs?wait=60", content: null, Token);
        var run = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var id = run.GetProperty("id").GetString();
        var changed = $$"""{ "steps": [ {{step.Replace("SELECT id", "SELECT id * 2 AS id", StringComparison.Ordinal)}} ] }""";

        var rows = await host.Client.GetStringAsync($"/api/v1/warehouse/tables/fact/quarantine/{id}", Token);
        var quality = await host.Client.GetStringAsync("/api/v1/warehouse/tables/_quality/rows?select=step,expectation,rows_broken&format=ndjson", Token);
        using var query = new StringContent("""{ "sql": "SELECT sum(rows_broken) AS broken FROM _quality" }""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var queried = await host.Client.PostAsync("/api/v1/warehouse/query", query, Token);
        using var other = await host.Client.GetAsync($"/api/v1/warehouse/tables/other/quarantine/{id}", Token);
        using var undecided = await PutAsync("");
        using var odd = await PutAsync("?onStepChange=maybe");
        using var decided = await PutAsync("?onStepChange=full_refresh");
        using var refreshed = await host.Client.PostAsync("/api/v1/pipelines/p/runs?wait=60", content: null, Token);

        Assert.Equal(2, run.GetProperty("steps")[0].GetProperty("rowsQuarantined").GetInt32());
        Assert.Equal("{\"id\":98,\"_expectations\":[\"small\"]}\n{\"id\":99,\"_expectations\":[\"small\"]}\n", rows);
        Assert.Equal("{\"step\":\"s\",\"expectation\":\"small\",\"rows_broken\":2}", quality.Trim());
        Assert.Equal(2, (await queried.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("value")[0].GetProperty("broken").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Equal((HttpStatusCode.Conflict, "StepChanged"), (undecided.StatusCode, Assert.Single(undecided.Headers.GetValues("x-ms-error-code"))));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (odd.StatusCode, decided.StatusCode));
        var last = (await refreshed.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("steps")[0];
        Assert.Equal((true, 49, 1), (last.GetProperty("fullRefresh").GetBoolean(), last.GetProperty("rowsOut").GetInt32(), last.GetProperty("tableVersion").GetInt32()));

        async Task<HttpResponseMessage> PutAsync(string query)
        {
            using var content = new StringContent(changed, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            return await host.Client.PutAsync($"/api/v1/pipelines/p{query}", content, Token);
        }
    }

    [Theory]
    [InlineData("after-plan")]
    [InlineData("after-stage:2")]
    [InlineData("after-commit")]
    [InlineData("before-finish")]
    public async Task A_run_whose_host_is_killed_ends_well_after_the_next_start(string place)
    {
        await using (var dying = await StartAsync(new Dictionary<string, string> { [FaultPoint.Variable] = place }))
        {
            await DefineAsync(dying, Steps);
            await LoadAsync(0, 1000);
            using var started = await PostAsync(dying);
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await dying.WaitForExitAsync(limit.Token);
        }

        await using var host = await StartAsync();
        var list = await host.Client.GetFromJsonAsync<JsonElement>("/api/v1/runs?pipeline=p", Token);
        var run = await EndOfAsync(host, $"/api/v1/runs/{list.GetProperty("value")[0].GetProperty("id").GetString()}");

        Assert.True(run.GetProperty("status").GetString() == "Succeeded", run.ToString());
        Assert.Equal(1000, await RowsAsync());
        Assert.Equal(0, (await Tables().Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Version);
    }

    [Fact]
    public async Task A_run_executes_what_was_planned_though_its_definition_changed_while_the_host_was_down()
    {
        await using (var dying = await StartAsync(new Dictionary<string, string> { [FaultPoint.Variable] = "after-plan" }))
        {
            await DefineAsync(dying, Steps);
            await LoadAsync(0, 1000);
            using var started = await PostAsync(dying);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await dying.WaitForExitAsync(limit.Token);
        }

        await _services.GetRequiredService<CatalogStore>().PutAsync<PipelineDefinition>(
            "p",
            """{ "steps": [ { "name": "other", "target": "other", "sql": "SELECT id FROM new.flights" } ] }"""u8.ToArray(),
            PutCondition.None,
            Token);
        await using var host = await StartAsync();
        var list = await host.Client.GetFromJsonAsync<JsonElement>("/api/v1/runs?pipeline=p", Token);
        var run = await EndOfAsync(host, $"/api/v1/runs/{list.GetProperty("value")[0].GetProperty("id").GetString()}");
        using var second = await PostAsync(host);
        var next = await EndOfAsync(host, second);

        Assert.True(run.GetProperty("status").GetString() == "Succeeded", run.ToString());
        Assert.Equal((1, "enrich"), (run.GetProperty("definitionVersion").GetInt32(), Assert.Single(run.GetProperty("steps").EnumerateArray()).GetProperty("name").GetString()));
        Assert.Equal(1000, await RowsAsync());
        Assert.Equal((2, "other"), (next.GetProperty("definitionVersion").GetInt32(), Assert.Single(next.GetProperty("steps").EnumerateArray()).GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_run_that_an_older_release_planned_goes_its_course_to_the_end()
    {
        await using (var first = await StartAsync())
        {
            await DefineAsync(first, """{ "name": "newer", "target": "newer", "sql": "SELECT id FROM new.flights" }""");
            await first.StopAsync(Token);
        }

        await LoadAsync(0, 1000);
        var run = await _services.GetRequiredService<RunStore>().CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "tester"), Token);
        var plan = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "App", "Processing", "Golden", "run-plan-1.json"), Token))
            .Replace("{run}", run.Id, StringComparison.Ordinal);
        foreach (var name in (string[])["flights", "airports"])
        {
            var table = await Tables().Get(new TableName(TableKind.Dataset, name)).TryGetSnapshotAsync(version: null, Token);
            plan = plan.Replace($"{{{name}}}", table!.TableId, StringComparison.Ordinal);
        }

        await _services.GetRequiredService<IObjectStore>().TryPutAsync(
            RunFiles.Plan(run.Id), System.Text.Encoding.UTF8.GetBytes(plan), PutCondition.IfAbsent, "application/json", Token);
        await using var host = await StartAsync();
        var ended = await EndOfAsync(host, $"/api/v1/runs/{run.Id}");

        Assert.True(ended.GetProperty("status").GetString() == "Succeeded", ended.ToString());
        Assert.Equal(["enrich", "count"], ended.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.Equal(1000, await RowsAsync());
    }

    [Fact]
    public async Task A_large_fan_out_goes_through_sub_orchestrations_in_windows()
    {
        await using var host = await StartAsync(new Dictionary<string, string>
        {
            ["DataPlatform__GroupsPerOrchestration"] = "4",
            ["DataPlatform__ParallelGroups"] = "3",
        });
        await DefineAsync(host, """
            { "name": "s", "target": "fact", "parallel": "keys", "splitBy": ["id"], "partitions": 10, "sql": "SELECT id, count(*) AS n FROM new.flights GROUP BY id" }
            """);
        await LoadAsync(0, 100);

        using var started = await PostAsync(host);
        var run = await EndOfAsync(host, started);
        var instances = await host.Client.GetFromJsonAsync<JsonElement>("/runtime/webhooks/durabletask/instances", Token);

        Assert.True(run.GetProperty("status").GetString() == "Succeeded", run.ToString());
        Assert.Equal(10, run.GetProperty("steps")[0].GetProperty("groupsDone").GetArrayLength());
        Assert.Equal(3, instances.EnumerateArray().Count(instance => instance.GetProperty("name").GetString() == "RunPipelineGroups"));
        Assert.Equal(100, await RowsAsync());
    }

    [Fact]
    public async Task A_step_that_takes_longer_than_its_timeout_ends_the_run_and_commits_nothing()
    {
        await using var host = await StartAsync();
        await DefineAsync(host, """
            { "name": "slow", "target": "fact", "timeout": "PT1S", "sql": "SELECT sum(a.range * b.range % 7) AS n FROM range(2000000) a, range(2000000) b" }
            """);

        using var started = await PostAsync(host);
        var run = await EndOfAsync(host, started);

        Assert.Equal(("Failed", "StepTimedOut"), (run.GetProperty("status").GetString(), run.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("Step 'slow' was not done within PT1S", run.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(await RowsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    private const string Steps = """
        { "name": "enrich", "target": "fact", "parallel": "files", "sql": "SELECT f.*, a.state FROM new.flights f JOIN airports a ON a.iata = f.origin" }
        """;

    private static async Task DefineAsync(AppHost host, string steps)
    {
        await PutAsync("datasets/flights", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "origin", "type": "string"} ] }""");
        await PutAsync("datasets/airports", """{ "fields": [ {"name": "iata", "type": "string"}, {"name": "state", "type": "string"} ] }""");
        await PutAsync("pipelines/p", $$"""{ "steps": [ {{steps}} ] }""");

        async Task PutAsync(string path, string json)
        {
            using var content = new StringContent(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            using var answer = await host.Client.PutAsync($"/api/v1/{path}", content, Token);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(AppHost host, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/pipelines/p/runs");
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await host.Client.SendAsync(request, Token);
    }

    private static Task<JsonElement> EndOfAsync(AppHost host, HttpResponseMessage started) =>
        EndOfAsync(host, Assert.Single(started.Headers.GetValues("Operation-Location")));

    private static async Task<JsonElement> EndOfAsync(AppHost host, string location)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (true)
        {
            var run = await host.Client.GetFromJsonAsync<JsonElement>(location, limit.Token);
            if (run.GetProperty("status").GetString() is "Succeeded" or "Failed")
                return run;
            await Task.Delay(50, limit.Token);
        }
    }

    private DeltaTables Tables() => _services.GetRequiredService<DeltaTables>();

    private async Task<long?> RowsAsync() => (await Tables().Get(Fact).TryGetSnapshotAsync(version: null, Token))?.Rows;

    private Task<AppHost> StartAsync(IReadOnlyDictionary<string, string>? settings = null) => AppHost.StartAsync(Storage, _folder, settings, Token);

    private async Task LoadAsync(int from, int to)
    {
        await LoadAsync("airports", "SELECT 'A' AS iata, 'TX' AS state");
        await LoadAsync("flights", $"SELECT range AS id, 'A' AS origin FROM range({from}, {to})");
    }

    private async Task LoadAsync(string dataset, string select)
    {
        var table = new TableName(TableKind.Dataset, dataset);
        await using var session = await _services.GetRequiredService<SqlEngine>().OpenAsync(Token);
        using var staged = await _services.GetRequiredService<ParquetStage>().WriteAsync(session, select, options: null, Token);
        var files = await _services.GetRequiredService<ParquetStage>().UploadAsync(staged, table, "batch", Token);
        await Tables().Get(table).CommitAsync(new TableChange { Operation = "WRITE", Columns = staged.Columns, Add = files }, Token);
    }
}
