using System.Text;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>A body of any size that takes no memory: a header, then one row again and again.</summary>
internal sealed class RepeatedRows(string header, string row, long bytes) : Stream
{
    private readonly byte[] _header = Encoding.UTF8.GetBytes(header);
    private readonly byte[] _row = Encoding.UTF8.GetBytes(row);
    private long _position;

    public long Rows => (bytes - _header.Length) / _row.Length;

    public override long Length => _header.Length + (Rows * _row.Length);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var written = 0;
        while (written < buffer.Length && _position < Length)
        {
            var source = _position < _header.Length
                ? _header.AsSpan((int)_position)
                : _row.AsSpan((int)((_position - _header.Length) % _row.Length));
            var count = Math.Min(source.Length, buffer.Length - written);
            source[..count].CopyTo(buffer[written..]);
            written += count;
            _position += count;
        }

        return written;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
