namespace DataPlatform.Local.Runtime.Durable;

/// <summary>A signal for one loop: raised any number of times, it wakes the loop once.</summary>
internal sealed class WakeUp(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _raised = New();

    public void Raise()
    {
        lock (_gate) _raised.TrySetResult();
    }

    /// <summary>Waits for the signal or the time, whichever comes first.</summary>
    public async Task Wait(TimeSpan atMost, CancellationToken cancellationToken)
    {
        Task raised;
        lock (_gate) raised = _raised.Task;
        if (atMost > TimeSpan.Zero)
        {
            try
            {
                await raised.WaitAsync(atMost, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return;
            }
        }

        lock (_gate)
        {
            if (_raised.Task.IsCompleted) _raised = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
