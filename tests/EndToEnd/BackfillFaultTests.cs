using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> in the middle of a backfill: after the next start it goes on by itself, and every sum is exact.</summary>
public sealed class BackfillFaultTests(ITestOutputHelper output)
{
    private const int Batches = 6;
    private const int Rows = 500;

    [Theory]
    [InlineData("before-trigger-run:2", 1)]
    [InlineData("after-trigger-run:2", 1)]
    [InlineData("after-step-commit:2", 1)]
    [InlineData("before-finish:3", 1)]
    [InlineData("after-trigger-run:3", 2)]
    [InlineData("after-stage:4", 2)]
    [InlineData("after-step-commit:2", 2)]
    [InlineData("before-finish:2", 2)]
    public async Task A_killed_backfill_goes_on_by_itself_and_the_sums_are_exact(string place, int parallelism)
    {
        using var folder = new TestFolder();
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            await api.PutAsync("datasets", "sales", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "amount", "type": "int64"} ] }""");
            await api.PutAsync("pipelines", "load", """{ "steps": [ {"name": "s", "target": "fact_sales", "sql": "SELECT id, amount FROM new.sales"} ] }""");
            for (var batch = 0; batch < Batches; batch++)
            {
                var csv = new StringBuilder("id,amount\n");
                for (var i = 0; i < Rows; i++)
                    csv.Append(batch * Rows + i).Append(',').Append(i % 100).Append('\n');
                await api.IngestAsync("sales", csv.ToString());
            }

            var plan = await PostAsync(host, "?dryRun=true", parallelism);
            Assert.Equal((Batches, Batches * Rows, 3), (plan.GetProperty("batches").GetInt32(), plan.GetProperty("rows").GetInt32(), plan.GetProperty("slices").GetArrayLength()));
            await host.StopAsync();
        }

        string id;
        await using (var dying = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = place }))
        {
            id = (await PostAsync(dying, "", parallelism)).GetProperty("id").GetString()!;
            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await dying.WaitForExitAsync(limit.Token);
        }

        await using var living = await AppHost.StartAsync(folder.Storage, folder.Path);
        var after = new PlatformApi(living.Client);
        var ended = await UntilEndedAsync(after, $"/api/v1/backfills/{id}");
        Assert.True(ended.GetProperty("status").GetString() == "Succeeded", ended.ToString());
        Assert.Equal((3, Batches * Rows), (ended.GetProperty("slicesDone").GetInt32(), ended.GetProperty("rowsDone").GetInt32()));
        var rows = (await after.GetAsync($"/api/v1/warehouse/tables/fact_sales/rows?top={Batches * Rows * 2}")).GetProperty("value").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, Batches * Rows), rows.Select(row => row.GetProperty("id").GetInt32()).Order());
        Assert.Equal(Batches * Enumerable.Range(0, Rows).Sum(i => i % 100), rows.Sum(row => row.GetProperty("amount").GetInt32()));
        Assert.Single((await after.GetAsync("/api/v1/pipelines/load/backfills")).GetProperty("value").EnumerateArray());
        output.WriteLine($"{place}: {ended}");
        await living.StopAsync();
    }

    private static async Task<JsonElement> PostAsync(AppHost host, string query, int parallelism)
    {
        using var content = new StringContent($$"""{ "source": "sales", "sliceBy": 2, "parallelism": {{parallelism}} }""", Encoding.UTF8, "application/json");
        using var answer = await host.Client.PostAsync($"/api/v1/pipelines/load/backfills{query}", content);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private static async Task<JsonElement> UntilEndedAsync(PlatformApi api, string path)
    {
        using var limit = new CancellationTokenSource(PlatformApi.SettleLimit + PlatformApi.SettleLimit);
        while (true)
        {
            var backfill = await api.GetAsync(path);
            if (backfill.GetProperty("status").GetString() is "Succeeded" or "Failed" or "Canceled")
                return backfill;
            await Task.Delay(100, limit.Token);
        }
    }
}
