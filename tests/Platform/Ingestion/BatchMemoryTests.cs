using System.Globalization;
using System.Text;

namespace DataPlatform.Ingestion;

[Collection(MemoryCollection.Name)]
public sealed class BatchMemoryTests
{
    private const long Body = 100L << 20;
    private const long Bound = 150L << 20;

    [Fact]
    public async Task Memory_does_not_grow_with_the_body()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var body = new EndlessCsv(Body);
        var receipt = await bed.PostAsync("things", body);
        Assert.Equal(receipt.Received, receipt.Loaded + receipt.Quarantined);
        Assert.True(receipt.Loaded > 1_000_000);
        Assert.True(receipt.Quarantined > 10_000);
        Assert.InRange(body.PeakHeap - before, 1, Bound);
        await bed.AssertBalancedAsync("things");
    }

    /// <summary>Makes rows as they are read, every hundredth broken, and looks at the heap while it does.</summary>
    private sealed class EndlessCsv(long length) : Stream
    {
        private readonly byte[] _piece = new byte[256 << 10];
        private int _at;
        private int _end;
        private long _given;
        private int _row;
        private long _lookedAt;

        public long PeakHeap { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == _end && _given < length)
                Make();
            var count = Math.Min(buffer.Length, _end - _at);
            _piece.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return new(count);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void Make()
        {
            // What lives, not what waits for the collector: that depends on the machine. A full collection takes its time, so not too often.
            if (_given - _lookedAt >= 4 << 20)
            {
                PeakHeap = Math.Max(PeakHeap, GC.GetTotalMemory(forceFullCollection: true));
                _lookedAt = _given;
            }

            var text = new StringBuilder(_given == 0 ? "id,name,amount,at\n" : "");
            while (text.Length < _piece.Length - 200)
            {
                _row++;
                text.Append(CultureInfo.InvariantCulture,
                    $"{_row},a name of row {_row},{(_row % 100 == 0 ? "broken" : "12.5")},2026-01-01T00:00:00.{_row % 1000:D3}Z\n");
            }

            _end = Encoding.ASCII.GetBytes(text.ToString(), _piece);
            _at = 0;
            _given += _end;
        }
    }
}
