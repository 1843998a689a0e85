namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>
/// Bytes that may be held at a time by all together. Whoever wants more than is free waits its turn; one that wants more than there is at all gets it when
/// nobody else has any; one that waits no longer gets nothing.
/// </summary>
internal sealed class ByteBudget(long bytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Taken)> _waiting = new();
    private long _held;

    public async Task TakeAsync(long wanted, CancellationToken cancellationToken)
    {
        TaskCompletionSource taken;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(wanted))
            {
                _held += wanted;
                return;
            }

            taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((wanted, taken));
        }

        try
        {
            await taken.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Its turn may have come at this moment.
            Give(taken.TrySetCanceled(cancellationToken) ? 0 : wanted);
            throw;
        }
    }

    public void Give(long returned)
    {
        lock (_gate)
        {
            _held -= returned;
            while (_waiting.TryPeek(out var next) && (next.Taken.Task.IsCompleted || Fits(next.Bytes)))
            {
                _waiting.Dequeue();
                if (next.Taken.TrySetResult())
                    _held += next.Bytes;
            }
        }
    }

    private bool Fits(long wanted) => _held == 0 || _held + wanted <= bytes;
}
