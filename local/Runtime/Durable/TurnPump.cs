using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Takes the turns of instances that have something to read: one at a time for each, several instances at once.</summary>
internal sealed class TurnPump(
    DurableStore store,
    TurnExecutor executor,
    InstanceChanges changes,
    NextTimer timer,
    WakeUp activities,
    DurableOptions options,
    TimeProvider time,
    ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _ready = new();
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    /// <summary>The process's name in the store, once started.</summary>
    public string? Owner { get; private set; }

    public void Start(string owner)
    {
        lock (_gate)
        {
            Owner = owner;
            StartTurns();
        }
    }

    /// <summary>Says that an instance may have something to read.</summary>
    public void Signal(string instanceId)
    {
        lock (_gate)
        {
            if (_running.ContainsKey(instanceId)) _running[instanceId] = true;
            else if (_queued.Add(instanceId)) _ready.Enqueue(instanceId);
            StartTurns();
        }
    }

    /// <summary>Lets running turns end; what is queued stays in the store.</summary>
    public Task Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            if (_running.Count == 0) _idle.TrySetResult();
        }

        return _idle.Task;
    }

    private void StartTurns()
    {
        while (Owner is not null && !_stopping && _running.Count < options.MaxConcurrentOrchestrators && _ready.TryDequeue(out string? id))
        {
            _queued.Remove(id);
            _running.Add(id, false);
            _ = Task.Run(() => TakeTurn(id));
        }
    }

    private async Task TakeTurn(string instanceId)
    {
        bool again = false;
        try
        {
            again = !await Turn(instanceId);
        }
        catch (Exception exception)
        {
            // The messages are still in the inbox: the next poll finds them.
            Log.TurnBroken(logger, exception, instanceId);
        }

        lock (_gate)
        {
            _running.Remove(instanceId, out bool signalled);
            if ((again || signalled) && _queued.Add(instanceId)) _ready.Enqueue(instanceId);
            StartTurns();
            if (_stopping && _running.Count == 0) _idle.TrySetResult();
        }
    }

    /// <returns>False if the instance changed meanwhile, so that the turn must be taken again.</returns>
    private async Task<bool> Turn(string instanceId)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (store.Read(session => Load(session, instanceId, now)) is not { } loaded) return true;
        TurnOutcome outcome = await executor.Run(loaded.Instance, loaded.History, [.. loaded.News.Select(message => message.Event)], now);
        TurnCommit commit = new(loaded.Instance, loaded.History.Count, loaded.News, outcome, now) { Stale = loaded.Stale };
        TurnWakeUps? wakeUps = await store.Write(session => commit.Apply(session, Owner!));
        if (wakeUps is null) return false;

        changes.Changed(instanceId);
        if (wakeUps.Activities) activities.Raise();
        if (wakeUps.NextTimer is { } due) timer.Schedule(due);
        foreach (string woken in wakeUps.Instances) Signal(woken);
        return true;
    }

    private static LoadedTurn? Load(SqliteSession session, string instanceId, DateTimeOffset now)
    {
        if (InstanceTable.Find(session, instanceId) is not { IsFinished: false } instance) return null;
        if (instance.Status == OrchestrationRuntimeStatus.Suspended) return null;
        ILookup<bool, InboxMessage> inbox = InboxTable.Due(session, instanceId, now)
            .ToLookup(message => message.ExecutionId is null || message.ExecutionId == instance.ExecutionId);
        // The start comes first, also when events were there before it.
        List<InboxMessage> news = [.. inbox[true].OrderBy(message => message.Event.Kind == HistoryEventKind.ExecutionStarted ? 0 : 1)];
        if (news.Count == 0) return null;
        List<HistoryEvent> history = HistoryTable.Read(session, instanceId);
        bool started = history.Count > 0 || news[0].Event.Kind == HistoryEventKind.ExecutionStarted;
        return started ? new LoadedTurn(instance, history, news, [.. inbox[false]]) : null;
    }

    private sealed record LoadedTurn(
        InstanceRow Instance, List<HistoryEvent> History, List<InboxMessage> News, List<InboxMessage> Stale);
}
