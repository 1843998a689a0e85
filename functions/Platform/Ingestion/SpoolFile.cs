using DataPlatform.Sql;

namespace DataPlatform.Ingestion;

/// <summary>A body on local disk, for formats that are read from their end.</summary>
internal sealed class SpoolFile(ScratchFolder scratch, Stream body) : IDisposable
{
    private string? _path;

    /// <returns>The file's path.</returns>
    public async Task<string> FillAsync(CancellationToken cancellationToken)
    {
        _path = scratch.NewName("bodies", ".parquet");
        await using var file = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
        await body.CopyToAsync(file, 1 << 18, cancellationToken);
        return _path;
    }

    public void Dispose()
    {
        if (_path is not null)
            File.Delete(_path);
    }
}
