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
