using System.Buffers;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>
/// The events of a partition, in files of a folder. An append ends when its events are synced; what waits meanwhile shares the next sync. Readers see
/// what is durable, and nothing else.
/// </summary>
internal sealed class PartitionLog : IDisposable
{
    private readonly string _folder;
    private readonly PartitionLogOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly object _queueGate = new();
    private readonly Queue<PendingAppend> _queue = new();
    private readonly ArrayBufferWriter<byte> _group = new();
    private ImmutableArray<LogSegment> _segments;
    private ImmutableHashSet<AsyncSignal> _readers = [];
    private Thread? _writer;
    private IOException? _failure;
    private bool _closed;

    private PartitionLog(string folder, ImmutableArray<LogSegment> segments, PartitionLogOptions options, TimeProvider clock, ILogger logger)
    {
        _folder = folder;
        _segments = segments;
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Opens the log in <paramref name="folder"/>, which is made when it is not there.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static PartitionLog Open(string folder, PartitionLogOptions options, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var segments = ImmutableArray.CreateBuilder<LogSegment>();
        try
        {
            var paths = Directory.GetFiles(folder, "*.log");
            Array.Sort(paths, StringComparer.Ordinal);
            for (var i = 0; i < paths.Length; i++)
            {
                if (LogSegment.Open(paths[i], isLast: i == paths.Length - 1) is not { } segment)
                    continue;
                if (segments.Count > 0 && segments[^1].End.NextSequenceNumber != segment.FirstSequenceNumber)
                    throw new InvalidDataException($"The log in {folder} lacks the events from {segments[^1].End.NextSequenceNumber} to {segment.FirstSequenceNumber - 1}: a file is missing.");
                segments.Add(segment);
            }

            if (segments.Count == 0)
                segments.Add(LogSegment.Create(folder, 0, 0, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        }
        catch
        {
            foreach (var segment in segments)
                segment.Dispose();
            throw;
        }

        return new PartitionLog(folder, segments.ToImmutable(), options, clock, logger);
    }

    /// <summary>The files, oldest first. The last one grows.</summary>
    public ImmutableArray<LogSegment> Segments
    {
        get
        {
            lock (_gate)
                return _segments;
        }
    }

    public PartitionState State
    {
        get
        {
            var segments = Segments;
            var newest = segments[^1].End;
            // A file just begun holds nothing yet: the one before it does.
            var last = newest.LastOffset < 0 && segments.Length > 1 ? segments[^2].End : newest;
            return new PartitionState(
                segments[0].FirstSequenceNumber,
                newest.NextSequenceNumber - 1,
                last.LastOffset,
                newest.NextSequenceNumber == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(last.LastEnqueuedMilliseconds));
        }
    }

    /// <summary>Appends events as one: all of them become visible, or none.</summary>
    /// <returns>The sequence number of the first, when all are durable.</returns>
    /// <exception cref="IOException">They are not stored. After a failed sync nothing more is, until the log is opened anew.</exception>
    public Task<long> AppendAsync(IReadOnlyList<StoredEvent> events)
    {
        var append = new PendingAppend(events);
        if (append.Bytes - LogRecord.PrefixBytes > LogRecord.MaxBytes)
            throw new IOException($"{append.Bytes} bytes are more than the {LogRecord.MaxBytes} that one append may have.");
        lock (_queueGate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_failure is { } failure)
                return Task.FromException<long>(failure);
            _queue.Enqueue(append);
            if (_writer is null)
            {
                // A thread of its own: it spends its life in fsync, which would keep one of the pool's from others.
                _writer = new Thread(WriteLoop) { IsBackground = true, Name = $"event log {Path.GetFileName(_folder)}" };
                _writer.Start();
            }

            Monitor.Pulse(_queueGate);
        }

        return append.Done.Task;
    }

    /// <summary>From now on <paramref name="signal"/> is given whenever events have become readable.</summary>
    public void Subscribe(AsyncSignal signal) => ImmutableInterlocked.Update(ref _readers, static (readers, added) => readers.Add(added), signal);

    public void Unsubscribe(AsyncSignal signal) => ImmutableInterlocked.Update(ref _readers, static (readers, gone) => readers.Remove(gone), signal);

    /// <summary>Removes the files that the retention no longer asks for; never the last one.</summary>
    public void RemoveExpired()
    {
        var oldest = (_clock.GetUtcNow() - _options.Retention).ToUnixTimeMilliseconds();
        while (true)
        {
            LogSegment gone;
            lock (_gate)
            {
                var bytes = _segments.Sum(segment => segment.End.Bytes);
                if (_segments.Length < 2 || (_segments[0].End.LastEnqueuedMilliseconds >= oldest && bytes <= _options.RetentionBytes))
                    return;
                gone = _segments[0];
                _segments = _segments.RemoveAt(0);
            }

            // Not closed here: a reader may be in the middle of it. Its handle goes when nobody holds it any more.
            try
            {
                File.Delete(gone.Path);
                Log.SegmentRemoved(_logger, gone.Path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is read no more, and comes back with the next start, to be removed then.
                Log.SegmentStays(_logger, exception, gone.Path);
            }
        }
    }

    public void Dispose()
    {
        lock (_queueGate)
        {
            if (_closed)
                return;
            _closed = true;
            Monitor.Pulse(_queueGate);
        }

        _writer?.Join();
        foreach (var segment in _segments)
            segment.Dispose();
    }

    private void WriteLoop()
    {
        var group = new List<PendingAppend>();
        while (TakeGroup(group))
        {
            try
            {
                Write(group);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Fail(group, exception);
            }

            group.Clear();
        }
    }

    private bool TakeGroup(List<PendingAppend> group)
    {
        lock (_queueGate)
        {
            while (_queue.Count == 0)
            {
                if (_closed)
                    return false;
                Monitor.Wait(_queueGate);
            }

            var bytes = 0;
            while (_queue.TryPeek(out var next) && (group.Count == 0 || bytes + next.Bytes <= _options.GroupBytes))
            {
                bytes += next.Bytes;
                group.Add(_queue.Dequeue());
            }

            return true;
        }
    }

    private void Write(List<PendingAppend> group)
    {
        var segment = _segments[^1];
        // Times never go back, even when the clock does: consumers look for events by time.
        var now = Math.Max(_clock.GetUtcNow().ToUnixTimeMilliseconds(), segment.End.LastEnqueuedMilliseconds);
        if (segment.End.Bytes >= _options.SegmentBytes)
        {
            segment = LogSegment.Create(_folder, segment.End.NextSequenceNumber, segment.EndOffset, now);
            lock (_gate)
                _segments = _segments.Add(segment);
            RemoveExpired();
        }

        _group.Clear();
        var entries = new List<LogIndexEntry>(group.Count);
        var sequenceNumber = segment.End.NextSequenceNumber;
        foreach (var append in group)
        {
            entries.Add(new LogIndexEntry(segment.End.Bytes + _group.WrittenCount, sequenceNumber, now));
            LogRecord.Write(_group, append.Events, sequenceNumber, now);
            sequenceNumber += append.Events.Count;
        }

        var lastRecord = _group.WrittenMemory[(int)(entries[^1].Position - segment.End.Bytes)..];
        var lastOffset = LogRecord.ReadEvents(lastRecord, segment.EndOffset + _group.WrittenCount - lastRecord.Length)[^1].Offset;
        segment.Append(_group.WrittenMemory, entries, sequenceNumber, lastOffset);

        for (var i = 0; i < group.Count; i++)
            group[i].Done.SetResult(entries[i].SequenceNumber);
        foreach (var reader in _readers)
            reader.Give();
    }

    private void Fail(List<PendingAppend> group, Exception exception)
    {
        Log.AppendFailed(_logger, exception, _folder);
        var failure = new IOException($"Events cannot be stored in {_folder}: {exception.Message}", exception);
        lock (_queueGate)
        {
            // What a failed sync left on disk nobody knows: another write behind it could be acknowledged and yet be lost.
            _failure = failure;
            group.AddRange(_queue);
            _queue.Clear();
        }

        foreach (var append in group)
            append.Done.TrySetException(failure);
    }
}
