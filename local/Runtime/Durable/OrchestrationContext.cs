using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>One execution of an orchestrator during one turn: durable calls take the next number and wait for history to answer.</summary>
internal sealed class OrchestrationContext(
    InstanceRow instance, DataConverter converter, DurableOptions options, ILoggerFactory loggers, TurnSynchronizationContext turn)
    : TaskOrchestrationContext
{
    private readonly Dictionary<int, OrchestratorAction> _pending = [];
    private readonly Dictionary<int, OpenTask> _open = [];
    private readonly List<IAsyncDisposable> _atTurnEnd = [];
    private readonly List<HistoryEvent> _afterNext = [];
    private int _nextTaskId;
    private int _guids;
    private DateTime _now;
    private bool _replaying = true;

    public override TaskName Name => instance.Name;

    public override string InstanceId => instance.Id;

    public override ParentOrchestrationInstance? Parent { get; } =
        instance.Parent is { } parent ? new ParentOrchestrationInstance(parent.Name, parent.InstanceId) : null;

    public override string Version => instance.Version ?? string.Empty;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => _replaying;

    /// <summary>What the code asked for and history doesn't know yet, by number.</summary>
    public IReadOnlyList<OrchestratorAction> Pending => [.. _pending.Values.OrderBy(action => action.TaskId)];

    public bool HasOpenTasks => _open.Count > 0;

    public ExternalEvents Events { get; } = new(converter);

    /// <summary>What goes over to the next execution: what nobody took, if wanted, and what came after the call in any case.</summary>
    public IReadOnlyList<HistoryEvent> CarriedEvents => Next is { PreserveUnprocessedEvents: true } ? [.. Events.Early, .. _afterNext] : _afterNext;

    public ContinueAsNewOptions? Next { get; private set; }

    public string? SerializedNextInput { get; private set; }

    /// <summary>Goes on from one execution to the next until it is set again.</summary>
    public string? CustomStatus { get; private set; } = instance.CustomStatus;

    protected override ILoggerFactory LoggerFactory => loggers;

    /// <summary>Hands over what is to be disposed when the turn is over, whether or not the orchestrator has ended.</summary>
    public void AtTurnEnd(IAsyncDisposable resource) => _atTurnEnd.Add(resource);

    public async ValueTask EndTurn()
    {
        foreach (IAsyncDisposable resource in _atTurnEnd) await resource.DisposeAsync();
    }

    public void BeginTurn(DateTimeOffset at) => _now = at.UtcDateTime;

    public void EndReplay() => _replaying = false;

    public override T? GetInput<T>()
        where T : default => (T?)(GetInput(typeof(T)) ?? default(T));

    public object? GetInput(Type type)
    {
        try
        {
            return converter.Deserialize(instance.Input, type);
        }
        catch (JsonException exception)
        {
            throw Payload.Unreadable(exception, $"input of '{instance.Name}'", type);
        }
    }

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        EnsureLegal();
        string? data = SerializeInput(name, input, options);
        return RetryLoop.Run(this, options?.Retry, () => Call<TResult>(
            new OrchestratorAction(HistoryEventKind.TaskScheduled, _nextTaskId++, name.Name)
            {
                Input = data,
                Version = options?.Version is { } version ? version.Version : instance.Version,
            }));
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        EnsureLegal();
        string? data = SerializeInput(orchestratorName, input, options);
        string id = (options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N");
        return RetryLoop.Run(this, options?.Retry, () => Call<TResult>(
            new OrchestratorAction(HistoryEventKind.SubOrchestrationCreated, _nextTaskId++, orchestratorName.Name)
            {
                Input = data,
                Target = id,
                Version = options?.Version is { } version ? version.Version : null,
                Tags = options?.Tags?.ToDictionary(),
            }));
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        EnsureLegal();
        DateTime due = fireAt.ToUniversalTime();
        while (due - _now > options.MaxTimerInterval && !cancellationToken.IsCancellationRequested)
            await OneTimer(_now + options.MaxTimerInterval, cancellationToken);
        await OneTimer(due, cancellationToken);
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        EnsureLegal();
        return Events.Wait<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        EnsureLegal();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        string? data = Limited(converter.Serialize(payload), $"data of event '{eventName}'");
        int id = _nextTaskId++;
        _pending.Add(id, new OrchestratorAction(HistoryEventKind.EventSent, id, eventName) { Input = data, Target = instanceId });
    }

    public override void SetCustomStatus(object? customStatus)
    {
        EnsureLegal();
        CustomStatus = Limited(converter.Serialize(customStatus), "custom status");
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        ContinueAsNew(new ContinueAsNewOptions { NewInput = newInput, PreserveUnprocessedEvents = preserveUnprocessedEvents });

    public override void ContinueAsNew(ContinueAsNewOptions options)
    {
        EnsureLegal();
        ArgumentNullException.ThrowIfNull(options);
        SerializedNextInput = Limited(converter.Serialize(options.NewInput), "new input");
        Next = options;
    }

    public override Guid NewGuid()
    {
        EnsureLegal();
        return DeterministicGuid.Create($"{InstanceId}_{_now:o}_{_guids++}");
    }

    public void Raise(HistoryEvent raised)
    {
        if (Next is not null) _afterNext.Add(raised);
        else if (!Events.Raise(raised) && !_replaying) Log.EventLost(loggers.CreateLogger("Durable"), raised.Name!, instance.Id);
    }

    /// <summary>Takes an action off the list that history says was done then.</summary>
    public void Match(HistoryEvent scheduled)
    {
        OrchestratorAction expected = new(scheduled.Kind, scheduled.TaskId, scheduled.Name);
        if (!_pending.Remove(scheduled.TaskId, out OrchestratorAction? action))
            throw new NonDeterministicException($"history says that it did {expected}, the code does not.");
        if (action.Kind != scheduled.Kind || !string.Equals(action.Name, scheduled.Name, StringComparison.OrdinalIgnoreCase))
            throw new NonDeterministicException($"history says that it did {expected}, the code now does {action}.");
    }

    /// <summary>All that code did in a past turn was committed with it, so whatever is left over is new.</summary>
    public void EnsureAllMatched()
    {
        if (_pending.Count > 0)
            throw new NonDeterministicException($"the code now does {Pending[0]}, history does not know it.");
    }

    /// <summary>Takes the call that an event answers; null for a duplicate or a cancelled timer.</summary>
    public OpenTask? Close(int taskId) => _open.Remove(taskId, out OpenTask? open) ? open : null;

    private async Task OneTimer(DateTime due, CancellationToken cancellationToken)
    {
        int id = _nextTaskId++;
        _pending.Add(id, new OrchestratorAction(HistoryEventKind.TimerCreated, id, null) { DueAt = new DateTimeOffset(due) });
        OpenTask open = new("timer", id);
        _open.Add(id, open);
        using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            if (open.Cancel(cancellationToken)) _open.Remove(id);
        });
        await open.Result;
    }

    private async Task<T> Call<T>(OrchestratorAction action)
    {
        OpenTask open = new(action.Name!, action.TaskId);
        _pending.Add(action.TaskId, action);
        _open.Add(action.TaskId, open);
        string? result = await open.Result;
        try
        {
            return converter.Deserialize<T>(result)!;
        }
        catch (JsonException exception)
        {
            throw Payload.Unreadable(exception, $"result of '{action.Name}' (#{action.TaskId})", typeof(T));
        }
    }

    private string? SerializeInput(TaskName name, object? input, TaskOptions? taskOptions)
    {
        if (string.IsNullOrEmpty(name.Name)) throw new ArgumentException("The name of the task to call is empty.", nameof(name));
        if (input is TaskOptions && taskOptions is null)
            throw new ArgumentException($"A {nameof(TaskOptions)} was given as input of '{name}': name the argument 'options:'.", nameof(input));
        return Limited(converter.Serialize(input), $"input of '{name}'");
    }

    private string? Limited(string? data, string what) => Payload.Check(data, options.MaxPayloadBytes, what);

    private void EnsureLegal()
    {
        if (turn.IsCurrent) return;
        turn.MarkIllegal();
        throw new IllegalAwaitException(instance.Name);
    }
}
