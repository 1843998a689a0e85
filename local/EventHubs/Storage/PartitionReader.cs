namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>Reads a partition's events in order from a position on. Not for several threads at once.</summary>
internal sealed class PartitionReader
{
    private const int ChunkBytes = 64 * 1024;

    private readonly PartitionLog _log;
    private readonly EventPosition _from;
    private LogSegment _segment;
    private long _position;
    private bool _reached;

    private PartitionReader(PartitionLog log, EventPosition from, LogSegment segment, long position, bool reached)
    {
        _log = log;
        _from = from;
        _segment = segment;
        _position = position;
        _reached = reached;
    }

    /// <summary>A reader whose first event is the first one that <paramref name="from"/> asks for.</summary>
    public static PartitionReader Open(PartitionLog log, EventPosition from)
    {
        var segments = log.Segments;
        if (from.IsLatest)
            return new PartitionReader(log, from, segments[^1], segments[^1].End.Bytes, reached: true);
        var segment = segments[0];
        foreach (var next in segments.Skip(1))
        {
            if (!from.IsBehindOrIn(next))
                break;
            segment = next;
        }

        return new PartitionReader(log, from, segment, segment.Find(entry => from.IsBehindOrAt(entry, segment)).Position, reached: false);
    }

    /// <summary>The next events, some 64 KB of them or one record; none when all that is durable was read.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IReadOnlyList<ReadEvent> Read()
    {
        while (true)
        {
            if (_position >= _segment.End.Bytes && !MoveOn())
                return [];
            var events = ReadChunk();
            if (_reached)
                return events;
            var first = events.FindIndex(_from.IsReachedBy);
            if (first < 0)
                continue;
            _reached = true;
            return first == 0 ? events : events[first..];
        }
    }

    private bool MoveOn()
    {
        // Asked for first: to a file with another one behind it nothing comes any more, so what its end is after that stays.
        var segments = _log.Segments;
        if (_position < _segment.End.Bytes)
            return true;
        foreach (var next in segments)
        {
            if (next.FirstSequenceNumber < _segment.End.NextSequenceNumber || ReferenceEquals(next, _segment))
                continue;
            _segment = next;
            _position = LogSegment.HeaderBytes;
            return _position < _segment.End.Bytes;
        }

        return false;
    }

    private List<ReadEvent> ReadChunk()
    {
        var end = _segment.End.Bytes;
        var buffer = new byte[Math.Min(ChunkBytes, end - _position)];
        ReadFully(buffer);
        var first = LogRecord.ReadHead(buffer).RecordBytes;
        if (first > buffer.Length)
        {
            if (_position + first > end)
                throw Damaged();
            buffer = new byte[first];
            ReadFully(buffer);
        }

        var events = new List<ReadEvent>();
        var used = 0;
        while (buffer.Length - used >= LogRecord.PrefixBytes + LogRecord.HeadBytes)
        {
            var head = LogRecord.ReadHead(buffer.AsSpan(used));
            if (head.PayloadBytes is < LogRecord.HeadBytes or > LogRecord.MaxBytes)
                throw Damaged();
            if (used + head.RecordBytes > buffer.Length)
                break;
            var record = buffer.AsMemory(used, head.RecordBytes);
            if (!LogRecord.IsWhole(record.Span))
                throw Damaged();
            events.AddRange(LogRecord.ReadEvents(record, _segment.FirstOffset + _position + used - LogSegment.HeaderBytes));
            used += head.RecordBytes;
        }

        _position += used;
        return events;
    }

    private void ReadFully(Span<byte> buffer)
    {
        if (_segment.Read(buffer, _position) < buffer.Length)
            throw Damaged();
    }

    private InvalidDataException Damaged() => new($"The log file {_segment.Path} is damaged near byte {_position}.");
}
