using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>A pipeline's memory is bounded by a setting, not by its rows: the demo's own, on a host that ends when it takes more than a small
/// instance has.</summary>
public sealed class PipelineMemoryTests(ITestOutputHelper output)
{
    private const long SqlLimit = 256L << 20;
    private const long Limit = 600L << 20;

    [Fact]
    public async Task Many_rows_pass_within_the_limits_of_a_small_instance()
    {
        var bytes = FaultRounds.Long ? 1L << 30 : 100L << 20;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string>
        {
            ["like"] = "flex",
            ["DataPlatform__SqlMemoryBytes"] = $"{SqlLimit}",
            ["DataPlatform__MaxChunkedBodyBytes"] = $"{2L << 30}",
            ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = $"{2L << 30}",
        });
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.PutSampleAsync("datasets", "airports");
        await api.PutSampleAsync("pipelines", "flights-enriched");
        await api.IngestAsync("airports", "iata,name,city,state,country,latitude,longitude\nSAN,San Diego,San Diego,CA,USA,32.7,-117.2\n");
        using var body = new RepeatedRows("date,delay,distance,origin,destination\n", "2001-01-13T14:56:00Z,32,417,SAN,SJC\n", bytes);
        await api.IngestAsync("flights", body, "text/csv");

        await api.RunAsync("/api/v1/pipelines/flights-enriched/runs");

        Assert.Equal(body.Rows, await api.CountAsync("warehouse/tables/fact_flights"));
        var peak = ProcessMemory.PeakBytes(host.ProcessId);
        output.WriteLine($"{body.Rows:N0} rows: peak {peak >> 20} MB");
        Assert.InRange(peak, 1, Limit);
    }
}
