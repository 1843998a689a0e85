using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> during a pipeline run and a mart refresh, at named places and at random moments: after the next start the run finishes
/// by itself, and every sum is exact.
/// </summary>
public sealed class PipelineFaultTests(ITestOutputHelper output)
{
    private const int Rows = 30_000;

    private static readonly string[] Places =
        ["after-plan", "after-stage", "before-commit", "after-commit", "after-step-commit", "before-finish"];

    [Fact]
    public async Task A_killed_run_finishes_by_itself_and_the_sums_are_exact()
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        var csv = Samples.FlightsCsv(Rows);
        var delays = Enumerable.Range(0, Rows).Sum(i => (long)(i % 100));
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            var api = new PlatformApi(host.Client);
            foreach (var (kind, name) in new[]
            {
                ("datasets", "flights"), ("datasets", "airports"), ("pipelines", "flights-enriched"), ("marts", "daily_delays"),
            })
                await api.PutSampleAsync(kind, name);
            await using var airports = File.OpenRead(Samples.AirportsCsv);
            await api.IngestAsync("airports", airports, "text/csv");
            await host.StopAsync();
        }

        var rounds = FaultRounds.Count(12, 60);
        for (var round = 1; round <= rounds; round++)
        {
            var place = round <= Places.Length ? Places[round - 1] : null;
            var location = await KillDuringAsync(folder, csv, place, random.Next(0, 900));

            await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
            var api = new PlatformApi(host.Client);
            await api.WaitForRunAsync(location);
            Assert.Equal((long)round * Rows, await api.CountAsync("warehouse/tables/fact_flights"));
            await api.RunAsync("/api/v1/marts/daily_delays/refreshes");
            var mart = (await api.GetAsync("/api/v1/marts/daily_delays/rows?select=flights,delay_sum&top=10000")).GetProperty("value");
            Assert.Equal((long)round * Rows, mart.EnumerateArray().Sum(row => row.GetProperty("flights").GetInt64()));
            Assert.Equal(round * delays, mart.EnumerateArray().Sum(row => row.GetProperty("delay_sum").GetInt64()));
            output.WriteLine($"round {round}: {place ?? "random moment"}");
            await host.StopAsync();
        }
    }

    private static async Task<string> KillDuringAsync(TestFolder folder, string csv, string? place, int milliseconds)
    {
        // The place counts from the start of the process; the batch before the run passes some of them, too, so it goes to a host of its own.
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            await new PlatformApi(host.Client).IngestAsync("flights", csv);
            await host.StopAsync();
        }

        var settings = place is null ? null : new Dictionary<string, string> { [FaultPoint.Variable] = place };
        await using var dying = await AppHost.StartAsync(folder.Storage, folder.Path, settings);
        var location = await new PlatformApi(dying.Client).StartAsync("/api/v1/pipelines/flights-enriched/runs");
        if (place is null)
        {
            await Task.Delay(milliseconds);
            await dying.KillAsync();
        }
        else
        {
            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await dying.WaitForExitAsync(limit.Token);
        }

        return location;
    }
}
