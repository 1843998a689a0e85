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

    [Fact]
    public async Task Hyparquet_reads_a_divided_table_whose_values_stand_in_its_log()
    {
        const int rows = 5000;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.PutAsync("pipelines", "divided", """
            {"steps": [{"name": "s", "target": "divided", "mode": "append", "partitionBy": ["kind", "odd"],
              "sql": "SELECT delay, origin, CASE delay % 3 WHEN 0 THEN 'a/b = 100% é' WHEN 1 THEN NULL ELSE 'it''s' END AS kind, delay % 2 = 1 AS odd FROM new.flights"}]}
            """);
        await api.IngestAsync("flights", Samples.FlightsCsv(rows));
        await api.RunAsync("/api/v1/pipelines/divided/runs");

        var table = await DeltaJudge.ReadAsync(folder.Table("warehouse/divided"), "delay");
        Assert.Equal(rows, table.GetProperty("rows").GetInt64());
        Assert.Equal(Enumerable.Range(0, rows).Sum(i => i % 100), table.GetProperty("sum").GetInt64());
        Assert.Equal(["kind", "odd"], table.GetProperty("partitionColumns").EnumerateArray().Select(column => column.GetString()!));
        var held = table.GetProperty("held").EnumerateArray().Select(column => column.GetString()!).ToList();
        Assert.Contains("delay", held);
        Assert.DoesNotContain("kind", held);
        Assert.DoesNotContain("odd", held);
        Assert.Equal(
            ["NULL false", "NULL true", "a/b = 100% é false", "a/b = 100% é true", "it's false", "it's true"],
            table.GetProperty("partitions").EnumerateArray()
                .Select(values => $"{values.GetProperty("kind").GetString() ?? "NULL"} {values.GetProperty("odd").GetString()}").Order(StringComparer.Ordinal));
    }
}
