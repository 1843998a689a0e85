using DataPlatform.Lake;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.TestKit;

/// <summary>A fresh folder with an object store and a row store, removed with all it holds when disposed.</summary>
public sealed class TestStore : IDisposable, IAsyncDisposable
{
    private readonly SqliteRowStore _rows;

    public TestStore()
    {
        Folder = Directory.CreateTempSubdirectory("dataplatform-test-").FullName;
        Objects = new FolderObjectStore(Path.Combine(Folder, "objects"), NullLogger<FolderObjectStore>.Instance);
        _rows = new SqliteRowStore(Path.Combine(Folder, "rows.db"));
    }

    /// <summary>What <c>DataPlatform:Storage</c> would be for this store.</summary>
    public string Storage => $"folder:{Folder}";

    public string Folder { get; }

    public IObjectStore Objects { get; }

    public IRowStore Rows => _rows;

    public void Dispose()
    {
        _rows.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
