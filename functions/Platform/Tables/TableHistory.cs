using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DataPlatform.Failures;

namespace DataPlatform.Tables;

/// <summary>What this process knows of one table's log: the newest state it has seen and the last versions before it. Moves forward
/// only.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process; the semaphore's wait handle is never made.")]
internal sealed class TableHistory(DeltaLog log)
{
    private const long MostRecentBytes = 4 << 20;
    private const int MostOld = 8;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly Dictionary<long, Moment> _recent = [];
    private readonly LinkedList<TableState> _old = [];
    private TableState _state = TableState.None(log.Table);
    private TaskCompletionSource? _newer;
    private long _oldestRecent;
    private long _recentBytes;
    private long _refreshesBegun;
    private long _lastGoodRefresh;

    /// <summary>How many versions are kept in memory.</summary>
    public int MostRecent { get; init; } = 256;

    /// <summary>The newest state known, without asking the store.</summary>
    public TableState Known => Volatile.Read(ref _state);

    /// <summary>Completes when a newer version than the one known now becomes known.</summary>
    public Task Newer
    {
        get
        {
            lock (_gate)
                return (_newer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>The newest state known; asks the store only when there is none.</summary>
    public async ValueTask<TableState> CurrentAsync(CancellationToken cancellationToken) =>
        Known is { Exists: true } state ? state : await RefreshAsync(cancellationToken);

    /// <summary>The newest state there is: reads the versions after the known one until one is missing. Callers that come while
    /// another asks share one later answer.</summary>
    public async Task<TableState> RefreshAsync(CancellationToken cancellationToken)
    {
        var begunBefore = Volatile.Read(ref _refreshesBegun);
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            // A refresh that began after this call was made saw all that this one would have to see.
            if (_lastGoodRefresh > begunBefore)
                return Known;

            var number = Interlocked.Increment(ref _refreshesBegun);
            await foreach (var entry in log.ReadAsync(Known.Version, long.MaxValue, cancellationToken))
                Adopt(entry);
            if (!Known.Exists)
                await log.EnsureNoCheckpointAsync(cancellationToken);
            _lastGoodRefresh = number;
            return Known;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Takes in an entry of the log, read or just written; one that is known already changes nothing.</summary>
    public void Adopt(LogEntry entry)
    {
        lock (_gate)
        {
            if (entry.Version <= _state.Version)
                return;

            var state = _state.Apply(entry);
            if (_recent.Count == 0)
                _oldestRecent = entry.Version;
            _recent[entry.Version] = new Moment(entry, state);
            _recentBytes += entry.Length;
            while (_recent.Count > 1 && (_recent.Count > MostRecent || _recentBytes > MostRecentBytes))
            {
                _recent.Remove(_oldestRecent++, out var oldest);
                _recentBytes -= oldest!.Entry.Length;
            }

            Volatile.Write(ref _state, state);
            _newer?.TrySetResult();
            _newer = null;
        }
    }

    /// <summary>The table at a version up to the newest known.</summary>
    /// <exception cref="TerminalException"><c>TableVersionGone</c>.</exception>
    public async Task<TableState> AtAsync(long version, CancellationToken cancellationToken)
    {
        if (TryGetKept(version) is { } kept)
            return kept;

        // Replays from the nearest state before it that is at hand.
        var state = Nearest(version);
        await foreach (var entry in log.ReadAsync(state.Version, version, cancellationToken))
            state = state.Apply(entry);
        if (state.Version != version)
            throw Gone(state.Version + 1);

        lock (_gate)
        {
            _old.AddFirst(state);
            if (_old.Count > MostOld)
                _old.RemoveLast();
        }

        return state;
    }

    /// <summary>Versions (after, upTo], which must be known; ascending.</summary>
    /// <exception cref="TerminalException"><c>TableVersionGone</c>: one of them is no more.</exception>
    public async IAsyncEnumerable<LogEntry> ReadAsync(
        long after, long upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = after + 1;
        var oldestRecent = OldestRecent();
        if (next < oldestRecent)
        {
            await foreach (var entry in log.ReadAsync(after, Math.Min(upTo, oldestRecent - 1), cancellationToken))
            {
                yield return entry;
                next++;
            }

            if (next <= upTo && next < oldestRecent)
                throw Gone(next);
        }

        for (; next <= upTo; next++)
        {
            // It may have left the memory since.
            yield return TryGetRecent(next) ?? await log.TryReadAsync(next, cancellationToken) ?? throw Gone(next);
        }
    }

    private LogEntry? TryGetRecent(long version)
    {
        lock (_gate)
            return _recent.GetValueOrDefault(version)?.Entry;
    }

    private long OldestRecent()
    {
        lock (_gate)
            return _recent.Count == 0 ? long.MaxValue : _oldestRecent;
    }

    private TableState? TryGetKept(long version)
    {
        lock (_gate)
        {
            if (_state.Version == version)
                return _state;
            return _recent.GetValueOrDefault(version)?.State ?? _old.FirstOrDefault(state => state.Version == version);
        }
    }

    private TableState Nearest(long version)
    {
        lock (_gate)
            return _old.Where(state => state.Version < version).MaxBy(state => state.Version) ?? TableState.None(log.Table);
    }

    private TerminalException Gone(long version) => new(
        FailureKind.Gone,
        "TableVersionGone",
        $"Version {version} of table '{log.Table}' is no longer in its log. Start from a newer version.",
        "version");

    private sealed record Moment(LogEntry Entry, TableState State);
}
