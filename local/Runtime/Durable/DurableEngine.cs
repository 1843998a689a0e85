using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Runs durable orchestrations on a SQLite file. Whatever was committed goes on after any crash.</summary>
internal sealed class DurableEngine : IAsyncDisposable
{
    private readonly DurableOptions _options;
    private readonly TaskRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DurableStore _store;
    private readonly TurnPump _turns;
    private readonly DuePump _due;
    private readonly ActivityPump _activities;
    private readonly HeldActivities _held;
    private readonly CancellationTokenSource _stopping = new();
    private Owner? _owner;
    private Task _loops = Task.CompletedTask;

    public DurableEngine(
        DurableOptions options, TaskRegistry registry, DataConverter converter, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _registry = registry;
        _time = time;
        _logger = loggers.CreateLogger("Durable");
        _store = new DurableStore(options.StorePath, options.HubName);
        InstanceChanges changes = new();
        TurnExecutor executor = new(registry, converter, options, loggers);
        NextTimer timer = new(time);
        WakeUp wakeUp = new(time);
        _held = new HeldActivities(options, wakeUp);
        TurnRunner runner = new(_store, executor, new TurnLimits(options), _held, changes, timer, options, time, _logger);
        _turns = new TurnPump(runner, options, time, _logger);
        _due = new DuePump(_store, _turns, timer, _held, options, time, _logger);
        _activities = new ActivityPump(_store, registry, converter, _turns, runner, _held, wakeUp, options, time, _logger);
        Client = new LocalDurableTaskClient(_store, registry, converter, _turns, timer, changes, options, time, _logger);
    }

    public LocalDurableTaskClient Client { get; }

    /// <summary>This process in the store; null while it does not run.</summary>
    public string? OwnerId => _owner?.Id;

    /// <summary>Whether no turn is under way.</summary>
    public bool IsIdle => _turns.IsIdle;

    /// <summary>How often the engine has looked for what others left.</summary>
    public long Looks => _due.Looks;

    /// <summary>Instances that don't go on, the worst first: what a health page shows.</summary>
    public IReadOnlyList<InstanceRow> InTrouble(int limit) => _store.Read(session => TroubleTable.List(session, limit));

    public async Task Start()
    {
        _owner = await Owner.Register(_store, _options, _time);
        Log.Started(_logger, _options.HubName, _options.StorePath, _registry.Orchestrators.Count, _registry.Activities.Count);
        _activities.Start(_owner);
        _turns.Start(_owner);
        _loops = Task.WhenAll(
            Task.Run(() => _due.Run(_owner, _stopping.Token)),
            Task.Run(() => _activities.Run(_owner, _stopping.Token)),
            Task.Run(() => _activities.RenewLeases(_stopping.Token)));
    }

    /// <summary>Ends running turns, cancels activities and gives their leases back.</summary>
    /// <param name="cancellationToken">How long activities may take to end.</param>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (_owner is null) return;
        await _stopping.CancelAsync();
        await _loops;
        await _held.Stop(cancellationToken);
        try
        {
            // Turns take milliseconds. An orchestrator that never gives its thread back must not keep the process from ending; what it
            // did is in no commit, and the next process takes the turn again.
            await _turns.Stop(_options.TurnGrace);
            await _owner.Leave();
        }
        finally
        {
            // With a store that can't be written, others still see by the lock that it is gone.
            _owner.Dispose();
            _owner = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stop(new CancellationToken(canceled: true));
        }
        finally
        {
            _store.Dispose();
            _held.Dispose();
            _stopping.Dispose();
        }
    }
}
