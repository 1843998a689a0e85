using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Lake;

/// <summary>Writes to a temporary file of a <see cref="FolderObjectStore"/>, which gives it its name at the end.</summary>
internal sealed class FolderWriteStream(
    FolderObjectStore store, string temporary, SafeFileHandle file, LakePath path, PutCondition condition, ObjectTraits traits)
    : ObjectWriteStream
{
    private const int BufferSize = 1 << 20;

    // Pooled: an array of this size made for each small file would keep the garbage collector busy with nothing else.
    private byte[] _buffer = [];
    private int _filled;
    private long _written;
    private bool _closed;

    public override async Task<ObjectInfo?> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            await DrainAsync(cancellationToken);
            return await store.PublishAsync(temporary, file, path, condition, traits, cancellationToken);
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
            while (buffer.Length > 0)
            {
                buffer = buffer[Keep(buffer)..];
                if (_filled < BufferSize)
                    continue;
                RandomAccess.Write(file, _buffer.AsSpan(0, _filled), _written);
                Drained();
            }
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
            while (buffer.Length > 0)
            {
                buffer = buffer[Keep(buffer.Span)..];
                if (_filled == BufferSize)
                    await DrainAsync(cancellationToken);
            }
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
            file.Dispose();
            store.DeleteTemporary(temporary);
            if (_buffer.Length > 0)
                LargeArrays.Of<byte>().Return(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    /// <returns>How many of the bytes the buffer took.</returns>
    private int Keep(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length == 0)
            _buffer = LargeArrays.Of<byte>().Rent(BufferSize);
        var count = Math.Min(bytes.Length, BufferSize - _filled);
        bytes[..count].CopyTo(_buffer.AsSpan(_filled));
        _filled += count;
        return count;
    }

    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        await FolderObjectStore.WriteAsync(file, _buffer.AsMemory(0, _filled), _written, cancellationToken);
        Drained();
    }

    private void Drained()
    {
        _written += _filled;
        _filled = 0;
    }
}
