using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> when a schedule's run is about to be stored, and when it just was: each due minute has its one run.</summary>
public sealed class ScheduleFaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Each_due_minute_has_one_run_whatever_crashes()
    {
        Assert.SkipUnless(FaultRounds.Long, "Waits for two minutes; run with --long.");
        await Task.WhenAll(CrashAsync("before-trigger-run"), CrashAsync("after-trigger-run"));
    }

    private async Task CrashAsync(string place)
    {
        using var folder = new TestFolder();
        var first = await DieAtFirstAsync(folder, place);

        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await UntilRunAsync(api, place, first);
        var second = first + Minute;
        await PlatformApi.UntilAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow()), now => now >= second, $"{place}: {second:O} did not come");
        await UntilRunAsync(api, place, second);

        // A slow machine may have come to the third minute: no minute is left out, and none has two.
        var runs = await EndedAsync(api, place);
        Assert.Equal(Enumerable.Range(0, runs.Count).Select(i => first + (i * Minute)), runs.Select(Due).Order());
        Assert.InRange(runs.Count, 2, 1 + (int)((TimeProvider.System.GetUtcNow() - first) / Minute));
        Assert.InRange(await api.CountAsync("warehouse/tables/ticks"), runs.Count, runs.Count + 1);
        output.WriteLine($"{place}: {runs.Count} runs from {first:O}");
        await host.StopAsync();
    }

    /// <returns>The due time that killed it.</returns>
    private static async Task<DateTimeOffset> DieAtFirstAsync(TestFolder folder, string place)
    {
        await using var dying = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = place });
        var api = new PlatformApi(dying.Client);
        await api.PutAsync("datasets", "orders", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await api.IngestAsync("orders", "id\n1\n");

        // Not at the end of a minute, so that it is sure which one is due first.
        var put = await PlatformApi.UntilAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow()), now => now.Second < 45, "The minute did not end");
        await api.PutAsync("pipelines", "tick", """
            { "steps": [ { "name": "s", "target": "ticks", "mode": "append", "sql": "SELECT count(*) AS n FROM orders" } ],
              "triggers": [ {"schedule": "* * * * *", "catchUp": "all"} ] }
            """);

        using var limit = new CancellationTokenSource(Minute + PlatformApi.SettleLimit);
        await dying.WaitForExitAsync(limit.Token);
        return new DateTimeOffset(put.Ticks - (put.Ticks % Minute.Ticks), TimeSpan.Zero) + Minute;
    }

    private static Task UntilRunAsync(PlatformApi api, string place, DateTimeOffset due) => PlatformApi.UntilAsync(
        () => RunsAsync(api),
        runs => runs.Any(run => Due(run) == due && run.GetProperty("status").GetString() == "Succeeded"),
        $"{place}: no run of {due:O} succeeded");

    private static Task<IReadOnlyList<JsonElement>> EndedAsync(PlatformApi api, string place) => PlatformApi.UntilAsync(
        () => RunsAsync(api), runs => runs.All(run => run.GetProperty("status").GetString() == "Succeeded"), $"{place}: runs are open");

    private static DateTimeOffset Due(JsonElement run) => run.GetProperty("trigger").GetProperty("due").GetDateTimeOffset();

    private static async Task<IReadOnlyList<JsonElement>> RunsAsync(PlatformApi api) =>
        [.. (await api.GetAsync("/api/v1/runs?pipeline=tick")).GetProperty("value").EnumerateArray()];
}
