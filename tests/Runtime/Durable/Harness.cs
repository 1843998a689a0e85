using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>A started engine on a store of its own.</summary>
internal sealed class Harness : IAsyncDisposable
{
    private readonly TempFolder? _folder;
    private readonly ILoggerFactory _loggers;

    private Harness(TempFolder? folder, string path, TaskRegistry registry, TimeProvider time, Func<DurableOptions, DurableOptions>? configure)
    {
        _folder = folder;
        Logs = new LogRecorder();
        _loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        DurableOptions options = new() { StorePath = path, HubName = "Tests" };
        // A clock that jumps by hours would poll every second of them before it returns; timers don't need the poll.
        if (time != TimeProvider.System) options = options with { PollInterval = TimeSpan.FromDays(1) };
        Options = configure?.Invoke(options) ?? options;
        Engine = new DurableEngine(Options, registry, JsonDataConverter.Default, _loggers, time);
    }

    public DurableOptions Options { get; }

    public LogRecorder Logs { get; }

    public DurableEngine Engine { get; }

    public DurableTaskClient Client => Engine.Client;

    public static async Task<Harness> Start(
        Action<TaskRegistry> register,
        TimeProvider? time = null,
        Func<DurableOptions, DurableOptions>? configure = null,
        string? path = null)
    {
        TaskRegistry registry = new();
        register(registry);
        TempFolder? folder = path is null ? new TempFolder() : null;
        Harness harness = new(folder, path ?? folder!.File("durable.db"), registry, time ?? TimeProvider.System, configure);
        await harness.Engine.Start();
        return harness;
    }

    /// <summary>Starts an orchestration and waits for its end.</summary>
    public async Task<OrchestrationMetadata> Run(string name, object? input = null, string? id = null)
    {
        string started = await Client.ScheduleNewOrchestrationInstanceAsync(name, input, new StartOrchestrationOptions(id));
        return await End(started);
    }

    public async Task<OrchestrationMetadata> End(string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        return await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }

    /// <summary>Waits until an instance is as wanted.</summary>
    public async Task<OrchestrationMetadata> Until(string id, Func<OrchestrationMetadata, bool> wanted)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await Client.GetInstanceAsync(id, getInputsAndOutputs: true, patience.Token) is { } found && wanted(found)) return found;
            await Task.Delay(2, patience.Token);
        }
    }

    public List<HistoryEvent> History(string id)
    {
        using SqliteSession session = new(Options.StorePath);
        return HistoryTable.Read(session, id);
    }

    /// <summary>How long after the turn that made it each timer was due.</summary>
    public List<TimeSpan> TimerDelays(string id)
    {
        List<TimeSpan> delays = [];
        DateTimeOffset turn = default;
        foreach (HistoryEvent step in History(id))
        {
            if (step.Kind == HistoryEventKind.TurnStarted) turn = step.At;
            if (step.Kind == HistoryEventKind.TimerCreated) delays.Add(step.At - turn);
        }

        return delays;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _loggers.Dispose();
        _folder?.Dispose();
    }
}
