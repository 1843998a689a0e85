
namespace DataPlatform.Lake;

/// <summary>Takes what an encoder writes synchronously, until it is passed on asynchronously.</summary>
internal sealed class DrainStream : Stream
{
    private byte[] _bytes = LargeArrays.Of<byte>().Rent(1 << 20);
    private int _length;
    private long _drained;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _drained + _length;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    public async Task DrainToAsync(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(_bytes.AsMemory(0, _length), cancellationToken);
        _drained += _length;
        _length = 0;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_bytes.Length - _length < buffer.Length)
        {
            var larger = LargeArrays.Of<byte>().Rent(Math.Max(_bytes.Length * 2, _length + buffer.Length));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            LargeArrays.Of<byte>().Return(_bytes);
            _bytes = larger;
        }

        buffer.CopyTo(_bytes.AsSpan(_length));
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _bytes.Length > 0)
        {
            LargeArrays.Of<byte>().Return(_bytes);
            _bytes = [];
        }

        base.Dispose(disposing);
    }
}
