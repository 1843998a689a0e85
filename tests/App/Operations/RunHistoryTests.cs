using System.ComponentModel.DataAnnotations;
using DataPlatform.App.Operations;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.App.Tests.Operations;

/// <summary>On the local engine, with a clock that jumps.</summary>
public sealed class RunHistoryTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-test-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DurableEngine _engine;

    public RunHistoryTests()
    {
        var registry = new TaskRegistry()
            .AddOrchestrator("quick", _ => Task.FromResult<object?>(1))
            .AddOrchestrator("fails", Task<object?> (_) => throw new IOException("no disk"))
            .AddOrchestrator("waits", async context => await context.WaitForExternalEvent<string>("go"));
        var options = new DurableOptions { StorePath = Path.Combine(_folder, "durable.db"), PollInterval = TimeSpan.FromDays(1) };
        _engine = new DurableEngine(options, registry, DurableJson.Converter, NullLoggerFactory.Instance, _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_ended_seven_days_ago_is_purged_and_nothing_else()
    {
        await _engine.Start();
        await EndAsync("quick", "old");
        await EndAsync("fails", "old-failed");
        await StartAsync("waits", "old-open");
        await StartAsync("waits", "old-terminated");
        await _engine.Client.TerminateInstanceAsync("old-terminated", Token);
        await StartAsync("waits", "long");
        _clock.Advance(TimeSpan.FromDays(6));
        await _engine.Client.RaiseEventAsync("long", "go", "x", Token);
        await _engine.Client.WaitForInstanceCompletionAsync("long", Token);
        await EndAsync("quick", "young");

        await PurgeAsync(days: 7);
        Assert.Equal(["long", "old", "old-failed", "old-open", "old-terminated", "young"], await IdsAsync());

        _clock.Advance(TimeSpan.FromDays(1));
        await PurgeAsync(days: 7);
        Assert.Equal(["long", "old-open", "young"], await IdsAsync());

        await PurgeAsync(days: 1);
        Assert.Equal(["old-open"], await IdsAsync());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(3650, true)]
    [InlineData(3651, false)]
    public void Days_are_at_least_one(int days, bool valid)
    {
        var options = new PlatformOptions { HistoryDays = days };
        Assert.Equal(valid, Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    private Task PurgeAsync(int days) =>
        new RunHistory(Options.Create(new PlatformOptions { HistoryDays = days }), _clock).PurgeAsync(_engine.Client, Token);

    private async Task StartAsync(string orchestrator, string id)
    {
        await _engine.Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, new StartOrchestrationOptions(id), Token);
        await _engine.Client.WaitForInstanceStartAsync(id, Token);
    }

    private async Task EndAsync(string orchestrator, string id)
    {
        await StartAsync(orchestrator, id);
        await _engine.Client.WaitForInstanceCompletionAsync(id, Token);
    }

    private async Task<List<string>> IdsAsync()
    {
        List<string> ids = [];
        await foreach (var instance in _engine.Client.GetAllInstancesAsync().WithCancellation(Token))
            ids.Add(instance.InstanceId);
        return ids;
    }
}
