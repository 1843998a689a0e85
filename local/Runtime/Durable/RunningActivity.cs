namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An activity that this process holds.</summary>
internal sealed class RunningActivity
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelled;
    private bool _ended;

    public RunningActivity(ActivityWork work, CancellationToken stopping)
    {
        Work = work;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Token = _cancelled.Token;
    }

    public ActivityWork Work { get; }

    public CancellationToken Token { get; }

    /// <summary>Its lease is lost: what it still does is in vain.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (!_ended) _ = _cancelled.CancelAsync();
        }
    }

    public void End()
    {
        lock (_gate) _ended = true;
        _cancelled.Dispose();
    }
}
