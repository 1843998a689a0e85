namespace DataPlatform.Lake;

/// <summary>Writes to a temporary file of a <see cref="FolderObjectStore"/>, which gives it its name at the end.</summary>
internal sealed class FolderWriteStream(
    FolderObjectStore store, string temporary, FileStream file, LakePath path, PutCondition condition, string? contentType)
    : ObjectWriteStream
{
    private bool _closed;

    public override async Task<ObjectInfo?> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            await file.FlushAsync(cancellationToken);
            return await store.PublishAsync(temporary, file.SafeFileHandle, path, condition, contentType, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FolderObjectStore.Failure(exception, path);
        }
        finally
        {
            await DisposeAsync();
        }
    }

    public override void Flush()
    {
        // Nothing is durable before the end, so there is nothing to force out.
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            file.Write(buffer);
        }
        catch (IOException exception)
        {
            throw FolderObjectStore.Failure(exception, path);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            await file.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException exception)
        {
            throw FolderObjectStore.Failure(exception, path);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            try
            {
                // What the buffer still holds is abandoned too, also when the disk is full.
                file.Dispose();
            }
            catch (IOException)
            {
                // The temporary file goes anyway.
            }

            store.DeleteTemporary(temporary);
        }

        base.Dispose(disposing);
    }
}
