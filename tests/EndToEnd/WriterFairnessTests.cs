using System.Diagnostics;
using System.Net;
using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// Many processes commit single rows to one table: they race for each version of its log, and whoever loses waits and tries again. None of
/// them may be kept waiting by luckier ones.
/// </summary>
public sealed class WriterFairnessTests(ITestOutputHelper output, AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const int StartedAtOnce = 4;
    private const double MostToMedian = 5;

    private static readonly int Processes = FaultRounds.Count(4, 16);
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(FaultRounds.Count(5, 60));

    [Fact]
    public async Task No_process_is_starved_in_a_shared_folder()
    {
        using var folder = new TestFolder();
        await RaceAsync(folder.Storage, folder.Path);
    }

    [Fact]
    public async Task No_process_is_starved_in_a_storage_account()
    {
        Assert.SkipUnless(FaultRounds.Long, "Azurite commits too few rows in the short time; run with --long.");
        using var folder = new TestFolder();
        await RaceAsync(await azurite.GetStorageAsync(), folder.Path);
    }

    private async Task RaceAsync(string storage, string folder)
    {
        var dataset = $"race_{Guid.NewGuid():n}";
        var hosts = new List<AppHost>();
        try
        {
            foreach (var chunk in Enumerable.Range(0, Processes).Chunk(StartedAtOnce))
                hosts.AddRange(await Task.WhenAll(chunk.Select(i => AppHost.StartAsync(storage, Path.Combine(folder, $"host-{i}")))));
            var api = new PlatformApi(hosts[0].Client);
            await api.PutAsync("datasets", dataset, $$"""{ "name": "{{dataset}}", "fields": [ {"name": "id", "type": "int64", "required": true} ] }""");

            // Everyone has its code compiled and has seen the table before the race begins.
            for (var i = 0; i < 3; i++)
            {
                foreach (var host in hosts)
                    Assert.Equal(HttpStatusCode.OK, await PostAsync(host, dataset, 0));
            }

            var began = Stopwatch.GetTimestamp();
            var latencies = await Task.WhenAll(hosts.Select(host => SendAsync(host, dataset, began)));
            await JudgeAsync(api, dataset, latencies, 3 * hosts.Count);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
        }
    }

    private async Task JudgeAsync(PlatformApi api, string dataset, IReadOnlyList<double>[] latencies, int sentBefore)
    {
        int[] counts = [.. latencies.Select(own => own.Count).Order()];
        double[] all = [.. latencies.SelectMany(own => own).Order()];
        double median = counts[counts.Length / 2];
        output.WriteLine($"{counts.Length} processes, {Time.TotalSeconds:0} s, acknowledged: {string.Join(' ', counts)}");
        output.WriteLine(
            $"max/median {counts[^1] / median:0.00}, median/min {median / counts[0]:0.00}; "
            + $"milliseconds: median {all[all.Length / 2]:0}, p99 {all[(int)(all.Length * 0.99)]:0}, longest {all[^1]:0}");
        Assert.True(counts[0] > 0, "a process got no turn at all");
        Assert.InRange(counts[^1] / median, 1, MostToMedian);
        Assert.InRange(median / counts[0], 1, MostToMedian);

        // Racing loses nothing and doubles nothing.
        await PlatformApi.UntilAsync(
            () => api.GetAsync($"/api/v1/ledger/{dataset}"),
            books => books.GetProperty("totals").GetProperty("loaded").GetInt64() == all.Length + sentBefore,
            "the ledger does not have the rows that were acknowledged");
        await api.ProveAsync(dataset);
    }

    /// <returns>How long each acknowledged row took, in milliseconds.</returns>
    private static async Task<IReadOnlyList<double>> SendAsync(AppHost host, string dataset, long began)
    {
        var latencies = new List<double>();
        for (var id = 0; Stopwatch.GetElapsedTime(began) < Time; id++)
        {
            var sent = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.OK, await PostAsync(host, dataset, id));
            latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return latencies;
    }

    private static async Task<HttpStatusCode> PostAsync(AppHost host, string dataset, int id)
    {
        using var row = new StringContent($$"""{"id": {{id}}}""", Encoding.UTF8, "application/json");
        using var answer = await host.Client.PostAsync($"/api/v1/ingest/{dataset}/records", row);
        return answer.StatusCode;
    }
}
