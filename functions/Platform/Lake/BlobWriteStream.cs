using System.Security.Cryptography;

namespace DataPlatform.Lake;

/// <summary>
/// Stages blocks while the caller writes, two at a time, and commits them at the end; what fits into one block is put in one request.
/// Block ids are random: those of two writers to one path never meet.
/// </summary>
/// <remarks>At most three buffers of <see cref="BlockSize"/> per stream. Abandoned blocks are discarded by the service.</remarks>
internal sealed class BlobWriteStream(BlobObjectStore store, BlobPut put, bool alwaysBlocks = false) : ObjectWriteStream
{
    private const int BlockSize = 8 << 20;
    private const int FirstBufferSize = 64 << 10;
    private const int MaxBlocksInFlight = 2;

    private readonly List<string> _blocks = [];
    private readonly List<Task> _inFlight = [];
    private readonly CancellationTokenSource _abandoned = new();
    private byte[] _buffer = [];
    private int _filled;
    private long _length;
    private bool _closed;

    public override async Task<ObjectInfo?> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            if (put.CannotHold)
                return null;
            if (_blocks.Count == 0 && !alwaysBlocks)
                return await store.PutAsync(put, _buffer.AsMemory(0, _filled), cancellationToken);

            if (_filled > 0)
                await StageAsync(cancellationToken);
            while (_inFlight.Count > 0)
                await FinishOneAsync(cancellationToken);
            return await store.CommitAsync(put, _blocks, _length, cancellationToken);
        }
        finally
        {
            await DisposeAsync();
        }
    }

    public override void Flush()
    {
        // Nothing is visible before the end, so there is nothing to force out.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (buffer.Length > 0)
        {
            if (_filled == BlockSize)
                await StageAsync(cancellationToken);

            var part = buffer[..Math.Min(buffer.Length, BlockSize - _filled)];
            Reserve(_filled + part.Length);
            part.CopyTo(_buffer.AsMemory(_filled));
            _filled += part.Length;
            _length += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;

            // Uploads under way end by themselves and give their buffers back; nobody waits for their failures any more.
            _abandoned.Cancel();
            ReturnBuffer(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    // Small streams are many: they start with a small buffer.
    private void Reserve(int size)
    {
        if (size <= _buffer.Length)
            return;

        var larger = LargeArrays.Of<byte>().Rent(Math.Min(BlockSize, Math.Max(size, Math.Max(FirstBufferSize, _buffer.Length * 2))));
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ReturnBuffer(_buffer);
        _buffer = larger;
    }

    private async Task StageAsync(CancellationToken cancellationToken)
    {
        while (_inFlight.Count >= MaxBlocksInFlight)
            await FinishOneAsync(cancellationToken);

        var id = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
        _blocks.Add(id);
        _inFlight.Add(UploadAsync(id, _buffer, _filled));
        _buffer = [];
        _filled = 0;
    }

    private async Task FinishOneAsync(CancellationToken cancellationToken)
    {
        var finished = await Task.WhenAny(_inFlight).WaitAsync(cancellationToken);
        _inFlight.Remove(finished);
        await finished;
    }

    private async Task UploadAsync(string id, byte[] buffer, int length)
    {
        try
        {
            await store.InContainerAsync(
                put.Path,
                async () =>
                {
                    using var body = MemoryStreams.Over(buffer.AsMemory(0, length));
                    return await store.BlobOf(put.Path).StageBlockAsync(id, body, cancellationToken: _abandoned.Token);
                },
                _abandoned.Token);
        }
        catch (Exception exception) when (store.Endpoint.Explain(exception, _abandoned.Token) is { } failure)
        {
            throw failure;
        }
        finally
        {
            ReturnBuffer(buffer);
        }
    }

    private static void ReturnBuffer(byte[] buffer)
    {
        if (buffer.Length > 0)
            LargeArrays.Of<byte>().Return(buffer);
    }
}
