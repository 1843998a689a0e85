using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The host's memory does not grow with the body.</summary>
public sealed class IngestionMemoryTests(ITestOutputHelper output)
{
    private const long Limit = 500L << 20;

    [Fact]
    public async Task A_large_chunked_csv_is_ingested_within_500_MB()
    {
        var bytes = FaultRounds.Long ? 1L << 30 : 100L << 20;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(
            folder.Storage, folder.Path, new Dictionary<string, string> { ["DataPlatform__MaxChunkedBodyBytes"] = $"{2L << 30}", ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = $"{2L << 30}" });
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");

        using var body = new RepeatedRows("date,delay,distance,origin,destination\n", "2001-01-13T14:56:00Z,32,417,SAN,SJC\n", bytes);
        var receipt = await api.IngestAsync("flights", body, "text/csv");

        var peak = ProcessMemory.PeakBytes(host.ProcessId);
        output.WriteLine($"{body.Length:N0} bytes, {receipt.GetProperty("loaded").GetInt64():N0} rows: peak {peak >> 20} MB");
        Assert.Equal(body.Rows, receipt.GetProperty("loaded").GetInt64());
        Assert.InRange(peak, 1, Limit);
    }
}
