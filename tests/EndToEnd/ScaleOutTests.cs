using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Two processes of the app on one durable store and one storage account share the activities of a run.</summary>
public sealed class ScaleOutTests(ITestOutputHelper output)
{
    private const int Rows = 20_000;
    private const int Partitions = 24;

    private static readonly Dictionary<string, string> Settings = new()
    {
        // Few at a time, so that there is something left for the other one; and sub-orchestrations already of these.
        ["AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions"] = "2",
        ["DataPlatform__GroupsPerOrchestration"] = "8",
    };

    [Fact]
    public async Task Two_hosts_share_a_run_and_the_sums_are_exact()
    {
        await using var azurite = await AzuriteProcess.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TestFolder();
        await using var one = await AppHost.StartAsync(azurite.Storage, folder.Path, Settings);
        await using var two = await AppHost.StartAsync(azurite.Storage, folder.Path, Settings);
        var api = new PlatformApi(one.Client);
        await DefineAsync(api);

        var run = await api.RunAsync("/api/v1/pipelines/by-key/runs");

        var instances = InstancesOf(run);
        output.WriteLine(string.Join(", ", instances));
        Assert.Equal(
            new[] { one.ProcessId, two.ProcessId }.Order().Select(id => $"/{id}"),
            instances.Select(name => name[name.LastIndexOf('/')..]).OrderBy(name => int.Parse(name[1..], null)));
        await CheckAsync(new PlatformApi(two.Client), run);
    }

    [Fact]
    public async Task When_one_is_killed_in_the_middle_the_other_finishes_and_what_it_left_is_cleaned()
    {
        await using var azurite = await AzuriteProcess.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TestFolder();
        await using var survivor = await AppHost.StartAsync(azurite.Storage, folder.Path, Settings);
        var api = new PlatformApi(survivor.Client);
        await DefineAsync(api);
        var before = Scratch(folder);
        await using var dying = await AppHost.StartAsync(
            azurite.Storage, folder.Path, new Dictionary<string, string>(Settings) { [FaultPoint.Variable] = "after-group" });

        var location = await api.StartAsync("/api/v1/pipelines/by-key/runs");
        using (var limit = new CancellationTokenSource(PlatformApi.SettleLimit))
            await dying.WaitForExitAsync(limit.Token);
        var ofDying = Scratch(folder).Except(before).ToList();
        var run = await api.WaitForRunAsync(location);

        output.WriteLine(string.Join(", ", InstancesOf(run)));
        Assert.Contains(InstancesOf(run), name => name.EndsWith($"/{dying.ProcessId}", StringComparison.Ordinal));
        Assert.Contains(InstancesOf(run), name => name.EndsWith($"/{survivor.ProcessId}", StringComparison.Ordinal));
        await CheckAsync(api, run);

        Assert.NotEmpty(ofDying);
        Assert.All(ofDying, name => Assert.True(Directory.Exists(name), name));
        await using var next = await AppHost.StartAsync(azurite.Storage, folder.Path, Settings);
        Assert.All(ofDying, name => Assert.False(Directory.Exists(name), name));
        Assert.All(before, name => Assert.True(Directory.Exists(name), name));
    }

    private static string[] Scratch(TestFolder folder) => Directory.GetDirectories(Path.Combine(folder.Path, "scratch"), "p-*");

    private static List<string> InstancesOf(JsonElement run) =>
        [.. run.GetProperty("steps")[0].GetProperty("instances").EnumerateArray().Select(name => name.GetString()!)];

    private static async Task DefineAsync(PlatformApi api)
    {
        await api.PutSampleAsync("datasets", "flights");
        await api.PutAsync("pipelines", "by-key", $$"""
            { "steps": [ { "name": "s", "target": "by_key", "parallel": "keys", "splitBy": ["origin", "delay"], "partitions": {{Partitions}},
                "sql": "SELECT origin, delay, count(*) AS flights, CAST(sum(distance) AS BIGINT) AS distance FROM new.flights GROUP BY origin, delay" } ] }
            """);
        await api.IngestAsync("flights", Samples.FlightsCsv(Rows));
    }

    private static async Task CheckAsync(PlatformApi api, JsonElement run)
    {
        Assert.Equal(Partitions, run.GetProperty("steps")[0].GetProperty("groupsDone").GetArrayLength());
        var rows = (await api.GetAsync("/api/v1/warehouse/tables/by_key/rows?select=origin,delay,flights,distance&top=10000")).GetProperty("value")
            .EnumerateArray().ToDictionary(
                row => (row.GetProperty("origin").GetString()!, row.GetProperty("delay").GetInt32()),
                row => (row.GetProperty("flights").GetInt64(), row.GetProperty("distance").GetInt64()));
        var expected = Enumerable.Range(0, Rows)
            .GroupBy(i => ($"A{(char)('A' + (i % 26))}{(char)('A' + (i % 26))}", i % 100))
            .ToDictionary(group => group.Key, group => ((long)group.Count(), 500L * group.Count()));
        Assert.Equal(expected.Count, rows.Count);
        Assert.All(expected, pair => Assert.Equal(pair.Value, rows[pair.Key]));
    }
}
