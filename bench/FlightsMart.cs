using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>A mart of flights by day and band of 100 miles on a host, by REST.</summary>
internal sealed class FlightsMart(AppHost host)
{
    private const string Definition = """
        { "source": "flights", "partitionBy": ["day"], "dimensions": [ {"name": "day", "sql": "CAST(date AS DATE)"}, {"name": "band", "sql": "distance // 100"} ],
          "measures": [ {"name": "flights", "type": "count"}, {"name": "delay_sum", "type": "sum", "sql": "delay"},
                        {"name": "avg_delay", "type": "avg", "sql": "delay"}, {"name": "avg_distance", "type": "avg", "sql": "distance"} ] }
        """;

    private readonly FlightsPipeline _flights = new(host);

    public async Task SetUpAsync()
    {
        await _flights.SetUpAsync();
        await _flights.PutAsync("marts/by_day", Definition);
    }

    public Task SendAsync(string parquet, long rows) => _flights.SendFlightsAsync(parquet, rows);

    /// <summary>Asks for a refresh and waits for its end.</summary>
    /// <param name="note">How what the run says has to begin, or it has failed.</param>
    /// <returns>Seconds.</returns>
    public async Task<double> RefreshAsync(string document, string note)
    {
        var began = Stopwatch.GetTimestamp();
        using var body = new StringContent(document, Encoding.UTF8, "application/json");
        var run = await EndAsync(await FlightsPipeline.ReadAsync(await host.Client.PostAsync("/api/v1/marts/by_day/refreshes?wait=60", body)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return run.GetProperty("steps")[0].GetProperty("note").GetString()!.StartsWith(note, StringComparison.Ordinal)
            ? seconds
            : throw new InvalidOperationException($"The refresh should have said '{note}': {run}");
    }

    /// <summary>Has the mart compared with a full recomputation.</summary>
    public async Task EnsureEqualAsync()
    {
        var run = await EndAsync(await FlightsPipeline.ReadAsync(await host.Client.PostAsync("/api/v1/marts/by_day/verify?wait=60", content: null)));
        if (!run.GetProperty("verification").GetProperty("equal").GetBoolean())
            throw new InvalidOperationException($"The mart differs from a full recomputation: {run}");
    }

    private async Task<JsonElement> EndAsync(JsonElement run)
    {
        var id = run.GetProperty("id").GetString();
        while (run.GetProperty("status").GetString() is "NotStarted" or "Running")
            run = await FlightsPipeline.ReadAsync(await host.Client.GetAsync($"/api/v1/runs/{id}?wait=60"));
        return run.GetProperty("status").GetString() == "Succeeded" ? run : throw new InvalidOperationException($"The refresh has failed: {run}");
    }
}
