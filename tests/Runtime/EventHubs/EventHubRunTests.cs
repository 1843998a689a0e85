using Azure.Messaging.EventHubs;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

/// <summary>Functions on a real host, with events of a real endpoint.</summary>
public sealed class EventHubRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public sealed class Endless(SeenEvents seen)
    {
        [Function("endless"), ExponentialBackoffRetry(-1, "00:00:00.010", "00:00:00.100")]
        public Task Run([EventHubTrigger("events", Connection = "EventHubs")] EventData[] events, FunctionContext context) => seen.RunAsync(events, context);
    }

    public sealed class Once(SeenEvents seen)
    {
        [Function("once")]
        public Task Run([EventHubTrigger("events", Connection = "EventHubs")] EventData[] events, FunctionContext context) => seen.RunAsync(events, context);
    }

    public sealed class Single(SeenEvents seen)
    {
        [Function("single")]
        public Task Run([EventHubTrigger("events", Connection = "EventHubs", IsBatched = false)] EventData one, FunctionContext context) => seen.RunAsync([one], context);
    }

    [Fact]
    public async Task Events_come_in_order_with_their_binding_data_and_after_a_restart_only_the_new_ones()
    {
        await using var hubs = await TestHubs.StartAsync();
        using var state = new TempFolder();
        await hubs.SendAsync("a", 0, 120);
        await using (var host = await StartAsync(hubs, typeof(Endless), state))
        {
            var seen = await host.Get<SeenEvents>().WaitAsync("a", 120);
            Assert.Equal(Enumerable.Range(0, 120).Select(i => $"a:{i}"), seen);
            Assert.All(host.Get<SeenEvents>().Retries, retry => Assert.Equal(0, retry));
            var data = host.Get<SeenEvents>().BindingData.First();
            Assert.StartsWith("""{"FullyQualifiedNamespace":"localhost","EventHubName":"events","ConsumerGroup":"$Default","PartitionId":""", (string)data["PartitionContext"]!, StringComparison.Ordinal);
            Assert.Equal(0, ((IList<long>)data["sequencenumberarray"]!)[0]);
            Assert.Equal("a", ((IList<string>)data["PartitionKeyArray"]!)[0]);
            Assert.StartsWith("[{\"x-opt-", (string)data["SystemPropertiesArray"]!, StringComparison.Ordinal);
        }

        await hubs.SendAsync("a", 120, 30);
        await using (var host = await StartAsync(hubs, typeof(Endless), state))
        {
            Assert.Equal(Enumerable.Range(120, 30).Select(i => $"a:{i}"), await host.Get<SeenEvents>().WaitAsync("a", 30));
        }
    }

    [Fact]
    public async Task A_function_that_takes_one_event_gets_them_one_by_one()
    {
        await using var hubs = await TestHubs.StartAsync();
        await hubs.SendAsync("a", 0, 60);
        await using var host = await StartAsync(hubs, typeof(Single));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"a:{i}"), await host.Get<SeenEvents>().WaitAsync("a", 60));
        Assert.Equal("7", host.Get<SeenEvents>().BindingData.ElementAt(7)["SequenceNumber"]);
    }

    [Fact]
    public async Task A_failing_function_with_endless_retries_holds_up_its_own_partition_only_and_loses_nothing()
    {
        await using var hubs = await TestHubs.StartAsync();
        var (stuck, free) = await TwoPartitionsAsync(hubs);
        var works = false;
        var seen = new SeenEvents
        {
            Before = (events, _) => events[0].PartitionKey == stuck && !Volatile.Read(ref works) ? throw new IOException("storage is down") : Task.CompletedTask,
        };
        await using var host = await StartAsync(hubs, typeof(Endless), seen: seen);
        await hubs.SendAsync(stuck, 0, 20);
        await hubs.SendAsync(free, 0, 200);
        await seen.WaitAsync(free, 201);
        await SeenEvents.WaitForAsync(() => seen.Retries.Where(retry => retry >= 5).ToList(), 1);
        Assert.DoesNotContain(seen.Events, e => e.Text.StartsWith(stuck + ":", StringComparison.Ordinal));

        Volatile.Write(ref works, true);
        Assert.Equal([$"{stuck}:-1", .. Enumerable.Range(0, 20).Select(i => $"{stuck}:{i}")], await seen.WaitAsync(stuck, 21));
    }

    [Fact]
    public async Task Without_a_retry_left_the_failure_is_told_and_the_partition_goes_on()
    {
        await using var hubs = await TestHubs.StartAsync();
        await using var host = await StartAsync(hubs, typeof(Once));
        var seen = host.Get<SeenEvents>();
        seen.Before = (events, _) => events[0].SequenceNumber == 0 ? throw new InvalidDataException("bad event") : Task.CompletedTask;
        await hubs.SendAsync("a", 0, 1);
        await SeenEvents.WaitForAsync(() => host.Logs.Entries.Where(e => e.Message.Contains("goes on behind them", StringComparison.Ordinal)).ToList(), 1);
        await hubs.SendAsync("a", 1, 1);
        Assert.Equal(["a:1"], await seen.WaitAsync("a", 1));
    }

    [Fact]
    public async Task Two_hosts_share_the_partitions_and_one_takes_over_when_the_other_stops()
    {
        await using var hubs = await TestHubs.StartAsync();
        using var state = new TempFolder();
        await using var first = await StartAsync(hubs, typeof(Endless), state);
        await SeenEvents.WaitForAsync(() => Reads(first), 4);
        await using (var second = await StartAsync(hubs, typeof(Endless), state))
        {
            await SeenEvents.WaitForAsync(() => Reads(second), 2);
            for (var key = 0; key < 12; key++)
            {
                await hubs.SendAsync($"k{key}", 0, 40);
            }

            await SeenEvents.WaitForAsync(() => All(first, second), 480);
            Assert.NotEmpty(first.Get<SeenEvents>().Events);
            Assert.NotEmpty(second.Get<SeenEvents>().Events);
        }

        await SeenEvents.WaitForAsync(() => Reads(first), 6);
        for (var key = 0; key < 12; key++)
        {
            await hubs.SendAsync($"l{key}", 0, 40);
        }

        await SeenEvents.WaitForAsync(() => first.Get<SeenEvents>().Events.Where(e => e.Text.StartsWith('l')).ToList(), 480);
        Assert.Equal(480, first.Get<SeenEvents>().Events.Count(e => e.Text.StartsWith('l')));

        static IReadOnlyList<string> All(TestHost a, TestHost b) => [.. a.Get<SeenEvents>().Events.Concat(b.Get<SeenEvents>().Events).Select(e => e.Text).Distinct()];
    }

    [Fact]
    public async Task An_endpoint_that_was_away_is_read_on_and_one_made_anew_from_its_begin()
    {
        await using var hubs = await TestHubs.StartAsync();
        await using var host = await StartAsync(hubs, typeof(Endless));
        var seen = host.Get<SeenEvents>();
        await hubs.SendAsync("a", 0, 10);
        await seen.WaitAsync("a", 10);
        await hubs.RestartAsync();
        await hubs.SendAsync("a", 10, 10);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"a:{i}"), await seen.WaitAsync("a", 20));

        await hubs.RestartAsync(anew: true);
        await hubs.SendAsync("a", 20, 3);
        Assert.Equal(Enumerable.Range(0, 23).Select(i => $"a:{i}"), await seen.WaitAsync("a", 23));
        Assert.Contains(host.Logs.Entries, e => e.Level == LogLevel.Warning && e.Message.Contains("made anew", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_acknowledged_while_the_endpoint_came_and_went_is_all_there_in_order()
    {
        await using var hubs = await TestHubs.StartAsync();
        await using var host = await StartAsync(hubs, typeof(Endless));
        var seen = host.Get<SeenEvents>();
        var acknowledged = new List<string>();
        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; i < 400; i++)
                {
                    try
                    {
                        await hubs.SendAsync("a", i, 1);
                        acknowledged.Add($"a:{i}");
                    }
                    catch (HubException)
                    {
                        // Not acknowledged: it may be there or not.
                        await Task.Delay(20, Token);
                    }
                }
            },
            Token);
        for (var away = 1; away <= 3; away++)
        {
            await seen.WaitAsync("a", away * 20);
            await hubs.RestartAsync();
        }

        await sending;
        await SeenEvents.WaitForAsync(() => acknowledged.Intersect(seen.Events.Select(e => e.Text)).ToList(), acknowledged.Count);
        Assert.NotEmpty(acknowledged);
        Assert.Equal(seen.Events.Select(e => e.Sequence).Distinct().Order(), seen.Events.Select(e => e.Sequence));
    }

    [Fact]
    public async Task A_stop_tells_the_function_and_what_it_had_not_done_comes_again()
    {
        await using var hubs = await TestHubs.StartAsync();
        using var state = new TempFolder();
        await hubs.SendAsync("a", 0, 5);
        var began = new TaskCompletionSource();
        var waiting = new SeenEvents
        {
            Before = (_, stop) =>
            {
                began.TrySetResult();
                return Task.Delay(Timeout.Infinite, stop);
            },
        };
        await using (await StartAsync(hubs, typeof(Endless), state, waiting))
        {
            await began.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        }

        await using var again = await StartAsync(hubs, typeof(Endless), state);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"a:{i}"), await again.Get<SeenEvents>().WaitAsync("a", 5));
    }

    [Fact]
    public async Task With_checkpoints_now_and_then_a_stop_notes_how_far_it_is()
    {
        await using var hubs = await TestHubs.StartAsync();
        using var state = new TempFolder();
        string[] seldom = ["--AzureFunctionsJobHost:extensions:eventHubs:batchCheckpointFrequency", "1000", "--AzureFunctionsJobHost:extensions:eventHubs:maxEventBatchSize", "5"];
        await hubs.SendAsync("a", 0, 40);
        await using (var host = await StartAsync(hubs, typeof(Endless), state, args: seldom))
        {
            await host.Get<SeenEvents>().WaitAsync("a", 40);
            Assert.True(host.Get<SeenEvents>().Retries.Count >= 8);
        }

        await hubs.SendAsync("a", 40, 1);
        await using var again = await StartAsync(hubs, typeof(Endless), state, args: seldom);
        Assert.Equal(["a:40"], await again.Get<SeenEvents>().WaitAsync("a", 1));
    }

    [Fact]
    public async Task The_embedded_endpoint_serves_the_hosts_own_functions()
    {
        var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("hubs.json"), TestHubs.Configuration, Token);
        await using var host = await TestHost.StartAsync(
            [typeof(Endless)],
            builder => builder.Services.AddSingleton<SeenEvents>(),
            folder: folder,
            args: ["--LocalRuntime:EventHubs", "hubs.json", "--LocalRuntime:EventHubsPort", "0"]);
        var settings = host.Get<Microsoft.Extensions.Configuration.IConfiguration>();
        await using var client = new HubClient(HubConnectionString.Parse(settings["EventHubs"]!));
        await client.SendAsync("events", "a", [new SentEvent("a:0"u8.ToArray())], Token);
        Assert.Equal(["a:0"], await host.Get<SeenEvents>().WaitAsync("a", 1));
    }

    [Fact]
    public async Task There_is_no_embedded_endpoint_beside_a_connection_that_is_set()
    {
        await using var hubs = await TestHubs.StartAsync();
        await using var host = await StartAsync(hubs, typeof(Endless), args: ["--LocalRuntime:EventHubs", "hubs.json"]);
        Assert.Null(host.Services.GetService<EmbeddedHubs>());
        var missing = await Assert.ThrowsAsync<Runtime.Functions.StartException>(() => TestHost.StartAsync([], null, args: ["--LocalRuntime:EventHubs", "hubs.json"]));
        Assert.Contains("there is no file", Assert.Single(missing.Reasons), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Reads(TestHost host) => [.. host.Logs.Entries.Select(e => e.Message).Where(m => m.StartsWith("endless reads partition", StringComparison.Ordinal))];

    // Two keys whose partitions differ, each with an event -1 in its partition.
    private static async Task<(string, string)> TwoPartitionsAsync(TestHubs hubs)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; taken.Count < 2; i++)
        {
            var key = $"p{i}";
            var before = await LastAsync();
            await hubs.SendAsync(key, -1, 1);
            var after = await LastAsync();
            taken.TryAdd(before.Keys.Single(id => before[id] != after[id]), key);
        }

        return (taken.Values.First(), taken.Values.Last());

        async Task<Dictionary<string, long>> LastAsync()
        {
            var last = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var id in (await hubs.Client.GetPropertiesAsync("events", Token)).PartitionIds)
            {
                last[id] = (await hubs.Client.GetPartitionAsync("events", id, Token)).LastEnqueuedSequenceNumber;
            }

            return last;
        }
    }

    private static Task<TestHost> StartAsync(TestHubs hubs, Type function, TempFolder? state = null, SeenEvents? seen = null, params string[] args) => TestHost.StartAsync(
        [function],
        builder => builder.Services.AddSingleton(seen ?? new SeenEvents()),
        """{"version":"2.0","extensions":{"eventHubs":{"loadBalancingUpdateInterval":"00:00:01","partitionOwnershipExpirationInterval":"00:00:20"}}}""",
        args: ["--EventHubs", hubs.ConnectionString, .. state is null ? Array.Empty<string>() : ["--LocalRuntime:State", state.Path], .. args]);
}
