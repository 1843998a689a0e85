using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Our tables, read by software that knows nothing of us.</summary>
public sealed class IndependentReaderTests
{
    [Fact]
    public async Task Hyparquet_reads_fact_flights_through_its_delta_log()
    {
        const int rows = 5000;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.PutSampleAsync("datasets", "airports");
        await api.PutSampleAsync("pipelines", "flights-enriched");
        await using var airports = File.OpenRead(Samples.AirportsCsv);
        await api.IngestAsync("airports", airports, "text/csv");
        for (var batch = 0; batch < 2; batch++)
        {
            await api.IngestAsync("flights", Samples.FlightsCsv(rows));
            await api.RunAsync("/api/v1/pipelines/flights-enriched/runs");
        }

        var table = await DeltaJudge.ReadAsync(folder.Table("warehouse/fact_flights"), "delay");
        Assert.Equal(2 * rows, table.GetProperty("rows").GetInt64());
        Assert.Equal(2 * Enumerable.Range(0, rows).Sum(i => i % 100), table.GetProperty("sum").GetInt64());
        Assert.Contains(table.GetProperty("columns").EnumerateArray(), column => column.GetString() == "state");
    }
}
