using DataPlatform.App.Operations;
using DataPlatform.Local.Runtime.Durable;
using DataPlatform.Operations;
using DataPlatform.Tables;
using DataPlatform.Triggers;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.App.Tests.Operations;

/// <summary>Runs whose orchestrations are gone, on the local engine.</summary>
public sealed class RunRecoveryTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-test-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DurableEngine _engine;
    private readonly ServiceProvider _services;

    public RunRecoveryTests()
    {
        var registry = new TaskRegistry().AddOrchestrator("RunPipeline", async context => await context.WaitForExternalEvent<string>("go"));
        var options = new DurableOptions { StorePath = Path.Combine(_folder, "durable.db"), PollInterval = TimeSpan.FromDays(1) };
        _engine = new DurableEngine(options, registry, DurableJson.Converter, NullLoggerFactory.Instance, _clock);
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .Configure<PlatformOptions>(settings => settings.Storage = $"folder:{Path.Combine(_folder, "store")}")
            .AddLake()
            .AddTables()
            .AddCatalog()
            .AddOperations()
            .AddTriggers()
            .AddSingleton<RunRecovery>()
            .BuildServiceProvider();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunStore Runs => _services.GetRequiredService<RunStore>();

    [Fact]
    public async Task A_lost_orchestration_is_scheduled_again_and_a_terminated_one_ends_its_run()
    {
        await _engine.Start();
        var (lost, terminated, alive) = (await BeginAsync("a"), await BeginAsync("b"), await BeginAsync("c"));
        await _engine.Client.ScheduleNewOrchestrationInstanceAsync("RunPipeline", new Microsoft.DurableTask.StartOrchestrationOptions(terminated), Token);
        await _engine.Client.TerminateInstanceAsync(terminated, Token);
        await _engine.Client.WaitForInstanceCompletionAsync(terminated, Token);
        await _engine.Client.ScheduleNewOrchestrationInstanceAsync("RunPipeline", new Microsoft.DurableTask.StartOrchestrationOptions(alive), Token);
        _clock.Advance(TimeSpan.FromMinutes(2));
        var young = await BeginAsync("d");

        await _services.GetRequiredService<RunRecovery>().RecoverAsync(_engine.Client, Token);

        Assert.NotNull(await _engine.Client.GetInstanceAsync(lost, Token));
        Assert.Null(await _engine.Client.GetInstanceAsync(young, Token));
        Assert.Equal([RunStatus.Running, RunStatus.Running, RunStatus.Running], [await StatusAsync(lost), await StatusAsync(alive), await StatusAsync(young)]);
        var ended = await Runs.GetAsync(terminated, Token);
        Assert.Equal((RunStatus.Failed, "OrchestrationEnded"), (ended.Status, ended.Error!.Code));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _services.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    private async Task<string> BeginAsync(string name)
    {
        var run = await Runs.CreateAsync(new RunRequest(RunKind.Pipeline, name, 1, "ann"), Token);
        await Runs.UpdateAsync(run.Id, r => r with { Status = RunStatus.Running, Started = _clock.GetUtcNow() }, Token);
        return run.Id;
    }

    private async Task<RunStatus> StatusAsync(string run) => (await Runs.GetAsync(run, Token)).Status;
}
