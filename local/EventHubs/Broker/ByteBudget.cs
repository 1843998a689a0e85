namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>
/// Bytes that may be held at a time by all together. Whoever wants more than is free waits its turn; one that wants more than there is at all gets it when
/// nobody else has any.
/// </summary>
internal sealed class ByteBudget(long bytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Taken)> _waiting = new();
    private long _held;

    public Task TakeAsync(long wanted)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(wanted))
            {
                _held += wanted;
                return Task.CompletedTask;
            }

            var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((wanted, taken));
            return taken.Task;
        }
    }

    public void Give(long returned)
    {
        lock (_gate)
        {
            _held -= returned;
            while (_waiting.TryPeek(out var next) && Fits(next.Bytes))
            {
                _waiting.Dequeue();
                _held += next.Bytes;
                next.Taken.SetResult();
            }
        }
    }

    private bool Fits(long wanted) => _held == 0 || _held + wanted <= bytes;
}
