using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// The activities this process has leased: those that wait for a place, those that run, and those whose result is not stored yet.
/// Only as many run at once as host.json allows. A process that is alone leases some ahead, which spares it writes; beside
/// others it takes no more than it can run, so that work spreads.
/// </summary>
internal sealed class HeldActivities(DurableOptions options, WakeUp wakeUp) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RunningActivity> _held = new(StringComparer.Ordinal);
    private readonly Queue<RunningActivity> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource? _idle;
    private Action _startNext = () => { };
    private Owner? _owner;
    private int _reserved;
    private int _executing;
    private int _undelivered;
    private volatile bool _more = true;

    /// <param name="startNext">Called when something waits for a place.</param>
    public void Start(Owner owner, Action startNext)
    {
        _owner = owner;
        _startNext = startNext;
    }

    /// <summary>Whether the store may have activities that nobody holds.</summary>
    public bool MayHaveMore => _more;

    public IReadOnlyList<RunningActivity> All
    {
        get
        {
            lock (_gate) return [.. _held.Values];
        }
    }

    /// <summary>Sets places aside for activities that are about to be written or claimed.</summary>
    /// <returns>How many there are.</returns>
    public int Reserve(int wanted)
    {
        lock (_gate)
        {
            if (_owner is null || _idle is not null) return 0;
            int most = options.MaxConcurrentActivities + (_owner.Processes == 1 ? options.MaxActivitiesAhead : 0);
            int granted = Math.Clamp(most - _executing - _waiting.Count - _reserved, 0, wanted);
            _reserved += granted;
            return granted;
        }
    }

    /// <summary>Ends a reservation with what came of it.</summary>
    public void Take(int reserved, IReadOnlyList<ActivityWork> claimed)
    {
        if (reserved == 0) return;
        lock (_gate)
        {
            _reserved -= reserved;
            foreach (ActivityWork work in claimed)
            {
                RunningActivity one = new(work, _stopping.Token);
                _held[work.Token] = one;
                _waiting.Enqueue(one);
            }
        }

        if (claimed.Count > 0) _startNext();
    }

    /// <summary>Lets go of what was leased ahead, once there are others to run it.</summary>
    /// <returns>What this process no longer holds, but the store still says so.</returns>
    public IReadOnlyList<ActivityWork> LetGoOfAhead()
    {
        lock (_gate)
        {
            int keep = Math.Max(0, options.MaxConcurrentActivities - _executing);
            if (_owner is not { Processes: > 1 } || _idle is not null || _waiting.Count <= keep) return [];
            RunningActivity[] waiting = [.. _waiting];
            _waiting.Clear();
            foreach (RunningActivity one in waiting.Take(keep)) _waiting.Enqueue(one);
            foreach (RunningActivity one in waiting.Skip(keep))
            {
                _held.Remove(one.Work.Token);
                one.End();
            }

            return [.. waiting.Skip(keep).Select(one => one.Work)];
        }
    }

    /// <summary>Tells those to stop whose lease is lost; those that still wait for a place never begin.</summary>
    public void Lost(IReadOnlyCollection<RunningActivity> lost)
    {
        if (lost.Count == 0) return;
        lock (_gate)
        {
            RunningActivity[] waiting = [.. _waiting];
            _waiting.Clear();
            foreach (RunningActivity one in waiting)
            {
                if (!lost.Contains(one)) _waiting.Enqueue(one);
                else if (_held.Remove(one.Work.Token)) one.End();
            }
        }

        foreach (RunningActivity one in lost) one.Cancel();
    }

    public bool TryStart([NotNullWhen(true)] out RunningActivity? one)
    {
        lock (_gate)
        {
            one = null;
            if (_idle is not null || _executing >= options.MaxConcurrentActivities || !_waiting.TryDequeue(out one)) return false;
            _executing++;
            return true;
        }
    }

    /// <summary>Its code has ended, and its place is free; it stays held until its result is stored.</summary>
    public void Executed()
    {
        lock (_gate)
        {
            _executing--;
            _undelivered++;
        }

        _startNext();
        if (_more) wakeUp.Raise();
    }

    /// <summary>Its result is with the turns, or in the store.</summary>
    public void Delivered()
    {
        lock (_gate)
        {
            _undelivered--;
            if (_executing + _undelivered == 0) _idle?.TrySetResult();
        }
    }

    /// <summary>Its result is stored, or worth nothing.</summary>
    public void Done(ActivityWork work)
    {
        lock (_gate)
        {
            if (_held.Remove(work.Token, out RunningActivity? one)) one.End();
        }
    }

    public void LookForMore()
    {
        _more = true;
        wakeUp.Raise();
    }

    public void NoMore() => _more = false;

    /// <summary>Begins no more, tells the running ones to stop and waits for them.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _idle = idle;
            if (_executing + _undelivered == 0) idle.TrySetResult();
        }

        await _stopping.CancelAsync();
        try
        {
            await idle.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // They had their time. Their leases go back now, and what they still return is rejected by its token.
        }
    }

    public void Dispose() => _stopping.Dispose();
}
