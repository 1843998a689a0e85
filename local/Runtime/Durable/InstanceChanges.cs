namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Lets clients of this process wait for an instance to change without asking again and again.</summary>
internal sealed class InstanceChanges
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Take it before reading the instance, so that no change falls between.</summary>
    public Task Next(string instanceId)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(instanceId, out TaskCompletionSource? source))
                _waiting[instanceId] = source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return source.Task;
        }
    }

    public void Changed(string instanceId)
    {
        lock (_gate)
        {
            if (_waiting.Remove(instanceId, out TaskCompletionSource? source)) source.SetResult();
        }
    }
}
