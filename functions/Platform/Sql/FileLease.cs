namespace DataPlatform.Sql;

/// <summary>A local copy of a table file; it stays where it is until the lease is disposed.</summary>
public sealed class FileLease : IDisposable
{
    private Action? _release;

    internal FileLease(string path, Action? release) => (Path, _release) = (path, release);

    /// <summary>Absolute path of the file.</summary>
    public string Path { get; }

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
