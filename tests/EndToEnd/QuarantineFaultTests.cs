using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> while rows are replayed out of quarantine: each comes in exactly once, and what went to quarantine adds up.</summary>
public sealed class QuarantineFaultTests(ITestOutputHelper output)
{
    private const int Batches = 3;
    private const int RowsEach = 40;

    private static readonly string[] Places =
    [
        "after-replay-commit", "after-commit", "before-replay-result", "after-replay-parts", "before-commit", "before-quarantine-index", "before-projection-cursor", "before-receipt",
    ];

    [Fact]
    public async Task A_replay_goes_on_where_it_was_and_takes_each_row_once()
    {
        var random = FaultRounds.Random(output);
        var rounds = FaultRounds.Count(3, 30);
        for (var round = 0; round < rounds; round++)
        {
            // The first are those where the commit is there and nothing else knows.
            var fault = $"{Places[round < 3 ? round : random.Next(Places.Length)]}:{random.Next(1, Batches + 1)}";
            output.WriteLine($"round {round}: {fault}");
            using var folder = new TestFolder();
            List<string> parents = [];
            await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
            {
                var api = new PlatformApi(host.Client);
                await api.PutAsync("datasets", "things", """{ "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "n", "type": "int32"} ] }""");
                for (var batch = 0; batch < Batches; batch++)
                {
                    var csv = "id,n\n" + string.Concat(Enumerable.Range(batch * RowsEach, RowsEach).Select(id => $"{id},{(id % 4 == 0 ? "bad" : "-")}\n"));
                    parents.Add((await api.IngestAsync("things", csv)).GetProperty("id").GetString()!);
                }

                Assert.Equal(0, await host.StopAsync());
            }

            string? replay = null;
            await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = fault }))
            {
                replay = await AskAsync(host.Client);
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                await host.WaitForExitAsync(limit.Token);
            }

            await using var next = await AppHost.StartAsync(folder.Storage, folder.Path);
            replay ??= await AskAsync(next.Client);
            await CheckAsync(new PlatformApi(next.Client), replay!, parents, fault);
        }
    }

    /// <returns>The replay's id; null when the host died first.</returns>
    private static async Task<string?> AskAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/datasets/things/quarantine/replays")
        {
            Content = new StringContent("""{"patch": {"nullTokens": {"n": ["-"]}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", "repair");
        try
        {
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return (await PlatformApi.ReadAsync(answer)).GetProperty("id").GetString();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task CheckAsync(PlatformApi api, string replay, List<string> parents, string when)
    {
        var done = await PlatformApi.UntilAsync(
            () => api.GetAsync($"/api/v1/datasets/things/quarantine/replays/{replay}"),
            status => status.GetProperty("status").GetString() is "Succeeded" or "Failed",
            $"{when}: the replay did not end");
        var result = done.GetProperty("result");
        Assert.True(done.GetProperty("status").GetString() == "Succeeded", done.ToString());
        Assert.Equal((Batches * RowsEach, Batches * RowsEach * 3 / 4), (result.GetProperty("selected").GetInt32(), result.GetProperty("recovered").GetInt32()));
        foreach (var parent in parents)
        {
            var receipt = await api.GetAsync($"/api/v1/receipts/{parent}");
            Assert.Equal((RowsEach, RowsEach / 4, RowsEach * 3 / 4, 0),
                (Number(receipt, "quarantined"), Number(receipt, "open"), Number(receipt, "replayed"), Number(receipt, "dismissed")));
        }

        var rows = (await api.GetAsync("/api/v1/datasets/things/rows?select=id&top=1000")).GetProperty("value").EnumerateArray().Select(row => row.GetProperty("id").GetInt32()).ToList();
        Assert.Equal(Enumerable.Range(0, Batches * RowsEach).Where(id => id % 4 != 0), rows.Order());
        await api.ProveAsync("things");

        static int Number(JsonElement receipt, string name) => receipt.GetProperty(name).GetInt32();
    }
}
