using System.Collections.Concurrent;

namespace DataPlatform.ConformanceApp.Observing;

/// <summary>Lets one request or activity wait until another request opens the gate of that key.</summary>
public sealed class Gates
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _byKey = new(StringComparer.Ordinal);

    public Task PassAsync(string key, CancellationToken cancellationToken) => Of(key).Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);

    public void Open(string key) => Of(key).TrySetResult();

    private TaskCompletionSource Of(string key) =>
        _byKey.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
