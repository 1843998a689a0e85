using System.Net;
using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>What is sent twice counts once.</summary>
public sealed class IdempotencyTests
{
    [Fact]
    public async Task The_same_post_twice_with_one_key_is_one_commit_and_one_receipt()
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");

        var first = await api.IngestAsync("flights", Samples.FlightsCsv(100), "key-1");
        var second = await api.IngestAsync("flights", Samples.FlightsCsv(100), "key-1");

        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.Equal(first.GetProperty("tableVersion").GetInt64(), second.GetProperty("tableVersion").GetInt64());
        Assert.Equal(100, await api.CountAsync("datasets/flights"));
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Table("lake/tables/flights"), "_delta_log"), "*.json"));

        using var other = await api.PostBatchAsync(
            "flights", new MemoryStream(Encoding.UTF8.GetBytes(Samples.FlightsCsv(99))), "text/csv", "key-1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal(100, await api.CountAsync("datasets/flights"));
    }

    [Fact]
    public async Task Reference_data_sent_twice_changes_no_sum()
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        foreach (var (kind, name) in new[]
        {
            ("datasets", "flights"), ("datasets", "airports"), ("pipelines", "flights-enriched"), ("marts", "daily_delays"),
        })
            await api.PutSampleAsync(kind, name);
        await api.IngestAsync("flights", Samples.FlightsCsv(1000));

        var sums = new List<(long Airports, long Facts, long Flights)>();
        for (var time = 0; time < 2; time++)
        {
            await using var airports = File.OpenRead(Samples.AirportsCsv);
            var receipt = await api.IngestAsync("airports", airports, "text/csv");
            Assert.Equal(3376, receipt.GetProperty("received").GetInt64());
            await api.RunAsync("/api/v1/pipelines/flights-enriched/runs");
            await api.RunAsync("/api/v1/marts/daily_delays/refreshes");
            var mart = await api.GetAsync("/api/v1/marts/daily_delays/rows?select=flights&top=10000");
            sums.Add((
                await api.CountAsync("datasets/airports"),
                await api.CountAsync("warehouse/tables/fact_flights"),
                mart.GetProperty("value").EnumerateArray().Sum(row => row.GetProperty("flights").GetInt64())));
        }

        Assert.Equal((3376, 1000, 1000), sums[0]);
        Assert.Equal(sums[0], sums[1]);
    }
}
