using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> during ingestion, at named places and at random moments, with and without a retry: rows are there exactly once or
/// not at all, and receipts and the ledger become complete by themselves.
/// </summary>
public sealed class IngestionFaultTests(ITestOutputHelper output)
{
    private const int Rows = 20_000;

    /// <summary>So that retries need not wait half a minute.</summary>
    private static readonly Dictionary<string, string> ShortLease = new() { ["DataPlatform__ClaimLease"] = "00:00:02" };

    private static readonly string[] Places =
    [
        "after-claim", "before-raw", "after-raw", "after-parts", "after-quarantine", "before-commit", "after-commit", "before-ledger",
        "before-receipt", "after-receipt", "before-projection-cursor", "before-claim-end",
    ];

    /// <summary>So many values that files are divided after they are written.</summary>
    private static readonly string[] DividedPlaces = ["after-parts", "after-divide", "before-commit", "after-commit"];

    [Theory]
    [InlineData(null)]
    [InlineData("origin")]
    public async Task A_killed_batch_is_there_exactly_once_or_not_at_all(string? partitionBy)
    {
        var places = partitionBy is null ? Places : DividedPlaces;
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        var csv = Samples.FlightsCsv(Rows) + "not a date,1,1,AAA,BBB\n";
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var contract = JsonNode.Parse(await Samples.DocumentAsync("datasets", "flights"))!.AsObject();
            contract["partitionBy"] = new JsonArray(partitionBy is null ? [] : [partitionBy]);
            await new PlatformApi(host.Client).PutAsync("datasets", "flights", contract.ToJsonString());
            Assert.Equal(0, await host.StopAsync());
        }

        long expected = 0;
        var rounds = FaultRounds.Count(places.Length + (partitionBy is null ? 4 : 1), 60);
        for (var round = 0; round < rounds; round++)
        {
            var place = round < places.Length ? places[round] : random.Next(3) == 0 ? places[random.Next(places.Length)] : null;
            var retry = random.Next(2) == 0;
            var key = $"round-{round}";
            await KillDuringAsync(folder, csv, key, place, random.Next(0, 700));

            await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, ShortLease);
            var api = new PlatformApi(host.Client);
            if (retry)
            {
                // The killed attempt's lease must lapse first: until then the answer is 409 with Retry-After.
                var receipt = await PlatformApi.UntilAsync(
                    async () =>
                    {
                        using var answer = await api.PostBatchAsync("flights", new MemoryStream(Encoding.UTF8.GetBytes(csv)), "text/csv", key);
                        return (int)answer.StatusCode == 409 ? (JsonElement?)null : await PlatformApi.ReadAsync(answer);
                    },
                    answer => answer is not null,
                    "the retry was not taken");
                Assert.Equal(Rows, receipt!.Value.GetProperty("loaded").GetInt64());
                Assert.Equal(1, receipt.Value.GetProperty("quarantined").GetInt64());
            }

            var ledger = await PlatformApi.UntilAsync(
                () => api.GetAsync("/api/v1/ledger/flights"),
                books => books.GetProperty("balanced").GetBoolean() && IsComplete(books),
                $"round {round} ({place ?? "random"}): the ledger did not become complete");
            await api.ProveAsync("flights");
            var totals = ledger.GetProperty("totals");
            var count = await api.CountAsync("datasets/flights");
            Assert.True(count == expected + Rows || (!retry && count == expected), $"round {round} ({place}): {count} rows after {expected}");
            Assert.Equal(count, totals.GetProperty("loaded").GetInt64());
            Assert.Equal(totals.GetProperty("received").GetInt64(), count + totals.GetProperty("quarantined").GetInt64());
            foreach (var batch in CommittedBatches(folder))
                Assert.Equal("committed", (await api.GetAsync($"/api/v1/receipts/{batch}")).GetProperty("state").GetString());
            output.WriteLine($"round {round}: {place ?? "random moment"}, {(retry ? "retried" : "not retried")}: {count - expected} rows");
            expected = count;
            Assert.Equal(0, await host.StopAsync());
        }
    }

    /// <summary>Whether every commit has its ledger rows; true also before the first.</summary>
    private static bool IsComplete(JsonElement ledger) =>
        !ledger.TryGetProperty("tableVersion", out var version)
        || (ledger.TryGetProperty("projectedVersion", out var projected) && projected.GetInt64() == version.GetInt64());

    /// <summary>The batches in the table's log.</summary>
    private static IEnumerable<string> CommittedBatches(TestFolder folder)
    {
        var log = Path.Combine(folder.Table("lake/tables/flights"), "_delta_log");
        if (!Directory.Exists(log))
            return [];
        return Directory.GetFiles(log, "*.json")
            .SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(action => action.TryGetProperty("commitInfo", out _))
            .SelectMany(action => action.GetProperty("commitInfo").GetProperty("batch").EnumerateArray())
            .Select(batch => batch.GetProperty("id").GetString()!);
    }

    /// <summary>Posts a batch to a host that dies at the place or, without one, after some milliseconds.</summary>
    private static async Task KillDuringAsync(TestFolder folder, string csv, string key, string? place, int milliseconds)
    {
        var settings = place is null ? ShortLease : new Dictionary<string, string>(ShortLease) { [FaultPoint.Variable] = place };
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, settings);
        var api = new PlatformApi(host.Client);
        var post = PostAsync(api, csv, key);
        if (place is null)
        {
            await Task.Delay(milliseconds);
            await host.KillAsync();
        }

        await post;
        await host.KillAsync();
    }

    private static async Task PostAsync(PlatformApi api, string csv, string key)
    {
        try
        {
            using var answer = await api.PostBatchAsync("flights", new MemoryStream(Encoding.UTF8.GetBytes(csv)), "text/csv", key);
        }
        catch (Exception fault) when (fault is HttpRequestException or SocketException)
        {
            // The host died before it answered; perhaps before it was asked, when it settled an earlier batch.
        }
    }
}
