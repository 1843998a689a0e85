namespace DataPlatform.Serving.TableReading;

/// <summary>A version of a mart that stays in memory until this is disposed.</summary>
internal sealed class HotLease(string name, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>Of the engine's table.</summary>
    public string Name { get; } = name;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
