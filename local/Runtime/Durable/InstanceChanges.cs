namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Lets clients of this process wait for an instance to change without asking again and again.</summary>
internal sealed class InstanceChanges
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>How many instances are waited for.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Take it before reading the instance, so that no change falls between; give it back by <see cref="Leave"/>.</summary>
    public Task Next(string instanceId)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(instanceId, out Waiting? waiting)) _waiting[instanceId] = waiting = new Waiting();
            waiting.Clients++;
            return waiting.Source.Task;
        }
    }

    /// <summary>Many instances change in another process or never again: nothing of them may stay here.</summary>
    public void Leave(string instanceId, Task next)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(instanceId, out Waiting? waiting) && waiting.Source.Task == next && --waiting.Clients == 0)
                _waiting.Remove(instanceId);
        }
    }

    public void Changed(string instanceId)
    {
        lock (_gate)
        {
            if (_waiting.Remove(instanceId, out Waiting? waiting)) waiting.Source.SetResult();
        }
    }

    private sealed class Waiting
    {
        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Clients { get; set; }
    }
}
