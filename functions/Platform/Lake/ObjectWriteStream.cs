namespace DataPlatform.Lake;

/// <summary>
/// A stream into a new object. Nothing is visible before <see cref="CompleteAsync"/>; disposing without completing abandons what
/// was written.
/// </summary>
public abstract class ObjectWriteStream : Stream
{
    /// <summary>Makes the object visible and durable, all at once.</summary>
    /// <returns>The object, or null when the condition given at opening no longer holds.</returns>
    public abstract Task<ObjectInfo?> CompleteAsync(CancellationToken cancellationToken);

    public sealed override bool CanRead => false;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => true;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
