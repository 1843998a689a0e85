using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Takes the turns of this process's instances that have something to read: one at a time for each, several instances at once.
/// The limit is on turns whose code runs; those that wait for the disk don't count.
/// </summary>
internal sealed class TurnPump(TurnRunner runner, DurableOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Queue<LiveInstance> _ready = new();
    private readonly LiveInstances _live = new(options.CacheBytes);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Owner? _owner;
    private int _running;
    private int _turns;
    private bool _stopping;

    /// <summary>Whether no turn is under way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate) return _turns == 0;
        }
    }

    /// <summary>Who is to own an instance that is created now; empty in a process that runs no turns.</summary>
    /// <param name="coming">Instances that will have a turn to take and that nobody knows of yet.</param>
    public string ChooseOwner(int coming = 0)
    {
        lock (_gate) return _owner?.Choose(busy: _turns + _ready.Count + coming >= options.MaxConcurrentOrchestrators) ?? string.Empty;
    }

    public void Start(Owner owner)
    {
        lock (_gate)
        {
            _owner = owner;
            runner.Start(owner, ChooseOwner, Signal);
            StartTurns();
        }
    }

    /// <summary>Says that an instance may have something to read.</summary>
    public void Signal(string instanceId)
    {
        lock (_gate)
        {
            // The first look finds whatever is there at the start.
            if (_owner is null || _stopping) return;
            LiveInstance instance = _live.GetOrAdd(instanceId);
            instance.Look = true;
            Enqueue(instance);
        }
    }

    /// <summary>Hands over a result that is in no store yet.</summary>
    /// <returns>False when this process is not about to take a turn of that instance: then the inbox must get it.</returns>
    public bool Deliver(ActivityResult result)
    {
        lock (_gate)
        {
            if (_stopping || !_live.TryGet(result.Work.InstanceId, out LiveInstance? instance)) return false;
            instance.Results.Add(result);
            Enqueue(instance);
            return true;
        }
    }

    /// <summary>Somebody has changed the instance: what is known of it is worth nothing.</summary>
    public void Forget(string instanceId)
    {
        lock (_gate)
        {
            if (!_live.TryGet(instanceId, out LiveInstance? instance)) return;
            instance.Snapshot = null;
            _live.Settle(instance);
        }
    }

    /// <summary>
    /// Lends out the places of turns that have not come back in time, so that an orchestrator without an await takes a thread but
    /// keeps no other instance from its turn.
    /// </summary>
    public void LendOverduePlaces()
    {
        List<string> overdue = [];
        lock (_gate)
        {
            foreach (LiveInstance instance in _live.All)
            {
                if (instance.Started == 0 || time.GetElapsedTime(instance.Started) < options.TurnLimit) continue;
                overdue.Add(instance.Id);
                LeavePlace(instance);
            }
        }

        foreach (string id in overdue) runner.Overdue(id);
    }

    /// <summary>Lets running turns end. What is queued stays in the store, results that have no turn any more go there too.</summary>
    public async Task Stop(TimeSpan grace)
    {
        lock (_gate)
        {
            _stopping = true;
            runner.Stop();
            if (_turns == 0) _idle.TrySetResult();
        }

        try
        {
            await _idle.Task.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            Log.TurnsLeftBehind(logger, grace.TotalSeconds);
        }

        List<ActivityResult> left;
        lock (_gate) left = [.. _live.All.SelectMany(instance => instance.TakeResults())];
        if (left.Count > 0) await runner.Store(left);
    }

    private void Enqueue(LiveInstance instance)
    {
        if (instance.Phase == LivePhase.Idle)
        {
            instance.Phase = LivePhase.Queued;
            _ready.Enqueue(instance);
        }

        StartTurns();
    }

    private void StartTurns()
    {
        while (_owner is not null && !_stopping && _running < options.MaxConcurrentOrchestrators && _ready.TryDequeue(out LiveInstance? instance))
        {
            instance.Phase = LivePhase.Turn;
            instance.Started = Math.Max(1, time.GetTimestamp());
            _running++;
            _turns++;
            _ = Task.Run(() => TakeTurn(instance));
        }
    }

    private async Task TakeTurn(LiveInstance instance)
    {
        Snapshot? known;
        List<ActivityResult> results;
        bool look;
        lock (_gate)
        {
            (known, look, results) = (instance.Snapshot, instance.Look, instance.TakeResults());
            instance.Look = false;
        }

        // Anything but success forgets what was known.
        TurnResult result = TurnResult.Forget;
        try
        {
            result = await runner.Take(instance.Id, known, look, results, () => CodeEnded(instance));
        }
        catch (Exception exception)
        {
            await runner.Broken(instance.Id, exception, results);
        }

        lock (_gate)
        {
            if (instance.Started != 0) LeavePlace(instance);
            _turns--;
            // Forgotten meanwhile or left broken, it is read anew.
            bool forgotten = known is not null && instance.Snapshot is null;
            instance.Snapshot = forgotten ? null : result.Snapshot;
            instance.Look |= result.Again;
            instance.GiveBack(result.Unplayed);
            instance.Phase = LivePhase.Idle;
            _live.Settle(instance);
            if (instance.HasWork) Enqueue(instance);
            else StartTurns();
            if (_stopping && _turns == 0) _idle.TrySetResult();
        }
    }

    private void CodeEnded(LiveInstance instance)
    {
        lock (_gate)
        {
            if (instance.Started == 0) return;
            LeavePlace(instance);
        }
    }

    private void LeavePlace(LiveInstance instance)
    {
        instance.Started = 0;
        _running--;
        StartTurns();
    }
}
