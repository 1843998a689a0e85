using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> between a commit and what it triggers: after the next start everything follows within a minute, once.</summary>
public sealed class TriggerFaultTests(ITestOutputHelper output)
{
    private static readonly string[] Places =
    [
        "after-commit", "after-trigger-decision", "after-trigger-run:2", "before-finish",
        "before-trigger-run", "after-trigger-run", "before-run-enters", "before-trigger-run:2", "before-finish:2",
    ];

    [Fact]
    public async Task Triggers_that_a_crash_cut_off_are_made_up_for_once()
    {
        using var folder = new TestFolder();
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            await api.PutAsync("datasets", "orders", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
            await api.PutAsync("pipelines", "enrich", """
                { "steps": [ { "name": "s", "target": "facts", "sql": "SELECT * FROM new.orders" } ],
                  "triggers": [ {"onChange": ["orders"], "debounce": "PT1S"} ] }
                """);
            await api.PutAsync("pipelines", "sum", """
                { "steps": [ { "name": "s", "target": "sums", "mode": "overwrite", "sql": "SELECT count(*) AS n FROM facts" } ],
                  "triggers": [ {"after": ["enrich"]} ] }
                """);
            await host.StopAsync();
        }

        var rounds = FaultRounds.Count(4, Places.Length);
        for (var round = 1; round <= rounds; round++)
        {
            var place = Places[round - 1];
            await DieAsync(folder, place);

            await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
            var api = new PlatformApi(host.Client);
            await PlatformApi.UntilAsync(() => SumAsync(api), sum => sum == round, $"{place}: the sum is not {round}");
            await PlatformApi.UntilAsync(
                async () => (await RunsAsync(api, "enrich")).Concat(await RunsAsync(api, "sum")).All(run => run.GetProperty("status").GetString() == "Succeeded"),
                ended => ended,
                $"{place}: runs are open");

            // A run for each batch, and one that follows each of those.
            var runs = await RunsAsync(api, "enrich");
            Assert.True(runs.Count == round, $"{place}: {runs.Count} runs for {round} batches");
            Assert.Equal(
                runs.Select(run => run.GetProperty("id").GetString()),
                (await RunsAsync(api, "sum")).Select(run => run.GetProperty("trigger").GetProperty("after").GetString()));
            Assert.Equal(round, await api.CountAsync("warehouse/tables/facts"));
            output.WriteLine($"round {round}: {place}");
            await host.StopAsync();
        }
    }

    private static async Task DieAsync(TestFolder folder, string place)
    {
        await using var dying = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = place });
        try
        {
            await new PlatformApi(dying.Client).IngestAsync("orders", "id\n1\n");
        }
        catch (HttpRequestException)
        {
            // It died before its answer; the batch is committed.
        }

        using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
        await dying.WaitForExitAsync(limit.Token);
    }

    private static async Task<long> SumAsync(PlatformApi api)
    {
        using var answer = await api.Client.GetAsync("/api/v1/warehouse/tables/sums/rows");
        return answer.IsSuccessStatusCode ? (await PlatformApi.ReadAsync(answer)).GetProperty("value")[0].GetProperty("n").GetInt64() : 0;
    }

    private static async Task<IReadOnlyList<JsonElement>> RunsAsync(PlatformApi api, string pipeline) =>
        [.. (await api.GetAsync($"/api/v1/runs?pipeline={pipeline}")).GetProperty("value").EnumerateArray()];
}
