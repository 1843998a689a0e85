namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Runs the continuations of one turn in order on the turn's own thread. A continuation that comes from another thread means
/// that the orchestrator awaited something that is not durable; it is not run, and the turn fails.
/// </summary>
internal sealed class TurnSynchronizationContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile bool _illegal;
    private volatile bool _closed;

    public bool SawIllegalAwait => _illegal;

    /// <summary>Whether the caller is on the turn's thread, and the turn still on.</summary>
    public bool IsCurrent => !_closed && Environment.CurrentManagedThreadId == _thread;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent) _work.Enqueue((d, state));
        else _illegal = true;
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsCurrent) d(state);
        else _illegal = true;
    }

    public override SynchronizationContext CreateCopy() => this;

    public void MarkIllegal() => _illegal = true;

    public void Drain()
    {
        while (_work.TryDequeue(out (SendOrPostCallback Callback, object? State) next)) next.Callback(next.State);
    }

    public void Close()
    {
        _closed = true;
        _work.Clear();
    }
}
