namespace DataPlatform.Ingestion.Readers;

/// <summary>A body that is read again from its beginning, once: what the first reading takes is kept in a local file.</summary>
/// <param name="path">Of the file, which is deleted with the stream.</param>
internal sealed class RewindableStream(Stream source, string path) : InputStream
{
    private readonly FileStream _kept = new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
    });

    private bool _isRewound;

    public void Rewind()
    {
        _kept.Position = 0;
        _isRewound = true;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isRewound)
            return await _kept.ReadAsync(buffer, cancellationToken) is > 0 and var again ? again : await source.ReadAsync(buffer, cancellationToken);

        var read = await source.ReadAsync(buffer, cancellationToken);
        await _kept.WriteAsync(buffer[..read], cancellationToken);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await _kept.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _kept.Dispose();
        base.Dispose(disposing);
    }
}
