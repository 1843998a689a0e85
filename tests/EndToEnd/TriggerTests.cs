using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Runs that no request asked for, against any host.</summary>
public sealed class TriggerTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);

    [Fact]
    public async Task Rows_go_from_a_post_into_a_mart_by_triggers_alone()
    {
        var (orders, facts, mart) = (Name("orders"), Name("facts"), Name("sales"));
        var pipeline = Name("enrich").Replace('_', '-');
        await _api.PutAsync("datasets", orders, """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "amount", "type": "int64"} ] }""");
        await _api.PutAsync("pipelines", pipeline, $$"""
            { "steps": [ { "name": "s", "target": "{{facts}}", "sql": "SELECT * FROM new.{{orders}}" } ],
              "triggers": [ {"onChange": ["{{orders}}"], "debounce": "PT1S"} ] }
            """);
        await _api.PutAsync("marts", mart, $$"""
            { "source": "{{facts}}", "dimensions": [ {"name": "id"} ], "measures": [ {"name": "total", "type": "sum", "sql": "amount"} ],
              "triggers": [ {"onChange": ["{{facts}}"], "debounce": "PT1S"} ] }
            """);

        await _api.IngestAsync(orders, "id,amount\n1,10\n2,20\n");
        await TotalAsync(mart, 30);
        await _api.IngestAsync(orders, "id,amount\n1,5\n");
        await _api.IngestAsync(orders, "id,amount\n2,7\n");
        await TotalAsync(mart, 42);

        var runs = await RunsAsync($"pipeline={pipeline}");
        Assert.All(runs, run => Assert.Equal("Succeeded", run.GetProperty("status").GetString()));
        Assert.All(runs, run => Assert.True(run.GetProperty("trigger").GetProperty("changes").TryGetProperty(orders, out _), run.ToString()));
        Assert.InRange(runs.Count, 2, 3);
        Assert.Equal(4, await _api.CountAsync($"warehouse/tables/{facts}"));
        var triggers = await _api.GetAsync($"/api/v1/marts/{mart}/triggers");
        Assert.Equal("PT1S", triggers.GetProperty("triggers")[0].GetProperty("definition").GetProperty("debounce").GetString());
        Assert.True(triggers.TryGetProperty("lastRun", out _), triggers.ToString());
    }

    [Fact]
    public async Task Runs_asked_for_at_once_go_one_after_another_and_others_follow_each()
    {
        var (orders, facts) = (Name("orders"), Name("facts"));
        var (first, second) = (Name("one").Replace('_', '-'), Name("two").Replace('_', '-'));
        await _api.PutAsync("datasets", orders, """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await _api.PutAsync("pipelines", first, $$"""{ "steps": [ { "name": "s", "target": "{{facts}}", "sql": "SELECT * FROM new.{{orders}}" } ] }""");
        await _api.PutAsync("pipelines", second, $$"""
            { "steps": [ { "name": "s", "target": "{{facts}}_n", "mode": "overwrite", "sql": "SELECT count(*) AS n FROM {{facts}}" } ],
              "triggers": [ {"after": ["{{first}}"], "on": "success"} ] }
            """);
        await _api.IngestAsync(orders, "id\n1\n2\n");

        var locations = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _api.StartAsync($"/api/v1/pipelines/{first}/runs")));
        foreach (var location in locations)
            await _api.WaitForRunAsync(location);

        var runs = (await RunsAsync($"pipeline={first}")).OrderBy(run => run.GetProperty("started").GetDateTimeOffset()).ToList();
        Assert.Equal(4, runs.Count);
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(
            pair.First.GetProperty("ended").GetDateTimeOffset() <= pair.Second.GetProperty("started").GetDateTimeOffset(), $"{pair}"));
        Assert.Equal(2, await _api.CountAsync($"warehouse/tables/{facts}"));
        await PlatformApi.UntilAsync(
            async () => (await RunsAsync($"pipeline={second}")).Count(run => run.GetProperty("status").GetString() == "Succeeded"),
            ended => ended == 4,
            "not every run was followed");
        Assert.Equal(
            runs.Select(run => run.GetProperty("id").GetString()).Order(),
            (await RunsAsync($"pipeline={second}")).Select(run => run.GetProperty("trigger").GetProperty("after").GetString()).Order());
    }

    private static string Name(string stem) => PlatformFixture.NewName(stem);

    private async Task TotalAsync(string mart, long total) => await PlatformApi.UntilAsync(
        async () =>
        {
            using var answer = await _api.Client.GetAsync($"/api/v1/marts/{mart}/rows?top=100");
            return answer.IsSuccessStatusCode
                ? (await PlatformApi.ReadAsync(answer)).GetProperty("value").EnumerateArray().Sum(row => long.Parse($"{row.GetProperty("total")}"))
                : 0;
        },
        sum => sum == total,
        $"'{mart}' did not come to {total}");

    private async Task<IReadOnlyList<JsonElement>> RunsAsync(string of) =>
        [.. (await _api.GetAsync($"/api/v1/runs?{of}")).GetProperty("value").EnumerateArray()];
}
