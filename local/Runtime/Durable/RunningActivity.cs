namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An activity under way in this process.</summary>
internal sealed class RunningActivity
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelled;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunningActivity(ActivityWork work, CancellationToken stopping)
    {
        Work = work;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Token = _cancelled.Token;
    }

    public ActivityWork Work { get; }

    public CancellationToken Token { get; }

    public Task Ended => _ended.Task;

    /// <summary>Its lease is lost: what it still does is in vain.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (!_ended.Task.IsCompleted) _ = _cancelled.CancelAsync();
        }
    }

    public void End()
    {
        lock (_gate) _ended.TrySetResult();
        _cancelled.Dispose();
    }
}
