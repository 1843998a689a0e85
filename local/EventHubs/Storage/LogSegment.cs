using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>
/// A file of a partition's log: a header (magic, first sequence number, logical offset, creation time), then records. Written once, behind its end only;
/// removed whole when it is older than the retention. What is known of it in memory is a sparse index of its records.
/// </summary>
internal sealed class LogSegment : IDisposable
{
    /// <summary>Magic, first sequence number, logical offset of the first record, creation time.</summary>
    public const int HeaderBytes = 8 + 8 + 8 + 8;

    private const ulong Magic = 0x31_47_4F_4C_42_48_45_00; // "\0EHBLOG1", little endian
    private const int IndexEvery = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly List<LogIndexEntry> _index = [];
    private readonly Lock _gate = new();

    private LogSegment(string path, SafeFileHandle file, long firstSequenceNumber, long firstOffset, long createdMilliseconds)
    {
        Path = path;
        _file = file;
        FirstSequenceNumber = firstSequenceNumber;
        FirstOffset = firstOffset;
        CreatedMilliseconds = createdMilliseconds;
        End = new LogSegmentEnd(HeaderBytes, firstSequenceNumber, LastOffset: -1, createdMilliseconds);
    }

    public string Path { get; }

    public long FirstSequenceNumber { get; }

    /// <summary>Logical position of its first record.</summary>
    public long FirstOffset { get; }

    /// <summary>When it was begun: not before any event of an earlier file, not after any of its own.</summary>
    public long CreatedMilliseconds { get; }

    /// <summary>How far it is durable. Replaced as one, so that whoever reads it sees one moment.</summary>
    public LogSegmentEnd End { get; private set; }

    /// <summary>Logical position behind its last record.</summary>
    public long EndOffset => FirstOffset + End.Bytes - HeaderBytes;

    /// <summary>A new file, synced with its name before it is used.</summary>
    public static LogSegment Create(string folder, long firstSequenceNumber, long firstOffset, long createdMilliseconds)
    {
        var path = System.IO.Path.Combine(folder, firstSequenceNumber.ToString("D20", CultureInfo.InvariantCulture) + ".log");
        // What a process that died may have left under this name holds no event that was acknowledged: the log ends before it.
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), firstSequenceNumber);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), firstOffset);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), createdMilliseconds);
        RandomAccess.Write(file, header, 0);
        RandomAccess.FlushToDisk(file);
        FolderSync.Sync(folder);
        return new LogSegment(path, file, firstSequenceNumber, firstOffset, createdMilliseconds);
    }

    /// <summary>
    /// Opens a file and reads through its records' heads. <paramref name="isLast"/>: the records are checked too, and a torn end is cut off: nobody was
    /// told that it is stored.
    /// </summary>
    /// <returns>Null for a file whose header was not written whole: it holds nothing.</returns>
    /// <exception cref="InvalidDataException">The file is damaged where it was once good.</exception>
    public static LogSegment? Open(string path, bool isLast)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
        {
            file.Dispose();
            return isLast ? null : throw new InvalidDataException($"The log file {path} has no header: it is damaged.");
        }

        var segment = new LogSegment(
            path,
            file,
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)),
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16)),
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24)));
        try
        {
            segment.Scan(isLast);
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    /// <summary>Writes records behind the end and syncs them. Only then are they to be read.</summary>
    /// <param name="records">One or more records.</param>
    /// <param name="entries">Where each begins, in the file.</param>
    /// <param name="lastOffset">Logical position of the last event.</param>
    public void Append(ReadOnlyMemory<byte> records, IReadOnlyList<LogIndexEntry> entries, long nextSequenceNumber, long lastOffset)
    {
        RandomAccess.Write(_file, records.Span, End.Bytes);
        RandomAccess.FlushToDisk(_file);
        lock (_gate)
        {
            foreach (var entry in entries)
                Index(entry);
        }

        End = new LogSegmentEnd(End.Bytes + records.Length, nextSequenceNumber, lastOffset, entries[^1].EnqueuedMilliseconds);
    }

    /// <summary>Reads at <paramref name="position"/> of the file.</summary>
    public int Read(Span<byte> target, long position) => RandomAccess.Read(_file, target, position);

    /// <summary>The last indexed record that begins at or before what is looked for; the first record when none does.</summary>
    public LogIndexEntry Find(Func<LogIndexEntry, bool> isAtOrBefore)
    {
        lock (_gate)
        {
            var found = new LogIndexEntry(HeaderBytes, FirstSequenceNumber, long.MinValue);
            foreach (var entry in _index)
            {
                if (!isAtOrBefore(entry))
                    break;
                found = entry;
            }

            return found;
        }
    }

    public void Dispose() => _file.Dispose();

    private void Index(LogIndexEntry entry)
    {
        if (_index.Count == 0 || entry.Position - _index[^1].Position >= IndexEvery)
            _index.Add(entry);
    }

    private void Scan(bool isLast)
    {
        var length = RandomAccess.GetLength(_file);
        while (End.Bytes < length && ScanRecord(length, isLast))
        {
        }

        if (End.Bytes == length)
            return;
        if (!isLast)
            throw new InvalidDataException($"The log file {Path} is damaged at byte {End.Bytes} of {length}: events behind it would be lost. Restore the file, or delete the folder of the event hub.");
        RandomAccess.SetLength(_file, End.Bytes);
        RandomAccess.FlushToDisk(_file);
    }

    private bool ScanRecord(long length, bool check)
    {
        Span<byte> start = stackalloc byte[LogRecord.PrefixBytes + LogRecord.HeadBytes];
        if (RandomAccess.Read(_file, start, End.Bytes) < start.Length)
            return false;
        var head = LogRecord.ReadHead(start);
        if (!head.IsPossible(End.NextSequenceNumber) || End.Bytes + head.RecordBytes > length)
            return false;
        var lastOffset = End.LastOffset;
        if (check || End.Bytes + head.RecordBytes == length)
        {
            var record = new byte[head.RecordBytes];
            if (RandomAccess.Read(_file, record, End.Bytes) < record.Length || !LogRecord.IsWhole(record))
                return false;
            lastOffset = LogRecord.ReadEvents(record, EndOffset)[^1].Offset;
        }

        Index(new LogIndexEntry(End.Bytes, head.FirstSequenceNumber, head.EnqueuedMilliseconds));
        End = new LogSegmentEnd(End.Bytes + head.RecordBytes, head.FirstSequenceNumber + head.Count, lastOffset, head.EnqueuedMilliseconds);
        return true;
    }
}
