namespace DataPlatform.Local.Runtime.Durable;

/// <summary>When the next timer is due, as far as this process knows.</summary>
internal sealed class NextTimer(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly WakeUp _sooner = new(time);
    private DateTimeOffset _next = DateTimeOffset.MaxValue;

    public void Schedule(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due >= _next) return;
            _next = due;
        }

        _sooner.Raise();
    }

    /// <summary>What the loop itself has found, which is no reason to wake it.</summary>
    public void Found(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due < _next) _next = due;
        }
    }

    /// <summary>Call it before looking into the store, so that what is scheduled meanwhile counts.</summary>
    public void Forget()
    {
        lock (_gate) _next = DateTimeOffset.MaxValue;
    }

    public Task Wait(TimeSpan atMost, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate) wait = _next - time.GetUtcNow();
        return _sooner.Wait(wait < atMost ? wait : atMost, cancellationToken);
    }
}
