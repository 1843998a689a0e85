using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DataPlatform.Failures;
using DataPlatform.Tables.Checkpointing;

namespace DataPlatform.Tables;

/// <summary>What this process knows of one table's log: the newest state it has seen and the last versions before it. Moves forward
/// only.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process; the semaphore's wait handle is never made.")]
internal sealed class TableHistory(DeltaLog log, TimeProvider clock)
{
    // Commits may be deleted an hour after they were made at the earliest (PlatformOptions.LogRetention): who has looked for new ones in the last
    // minute has missed none. Anyone else must not take a missing next version for the end of the log.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(1);

    // Rather so many commits are read again than a checkpoint looked for.
    private const long FewCommits = 50;

    private const long MostRecentBytes = 4 << 20;
    private const int MostOld = 8;

    // With room for some commits of each: who is unlucky for a while still counts.
    private const int MostWriters = 128;

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
    private long _confirmedAt = clock.GetTimestamp();

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

    /// <summary>The version of the checkpoint that reading began with; -1 when it began with the first commit.</summary>
    public long StartedFrom { get; private set; } = -1;

    private bool IsStale => clock.GetElapsedTime(Volatile.Read(ref _confirmedAt)) > StaleAfter;

    /// <summary>The newest state known; asks the store only when there is none, or it was not asked for long.</summary>
    public async ValueTask<TableState> CurrentAsync(CancellationToken cancellationToken) =>
        Known is { Exists: true } state && !IsStale ? state : await RefreshAsync(cancellationToken);

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
            var asked = clock.GetTimestamp();
            var wasStale = IsStale && Known.Exists;
            if (!Known.Exists)
                await StartUpAsync(cancellationToken);
            else
                await ReadOnAsync(cancellationToken);
            if (wasStale)
                await ReadOnFromCheckpointAsync(cancellationToken);
            Volatile.Write(ref _confirmedAt, asked);
            _lastGoodRefresh = number;
            return Known;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private async Task StartUpAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await ReadOnAsync(cancellationToken);

        // Others may have been deleting the beginning of the log meanwhile: then the last commit read is gone too, and what seemed to be the
        // end of the log was none.
        if (Known is { Exists: true } end
            && !await log.ExistsAsync(end.Version, cancellationToken)
            && (await log.Checkpoints.TryLoadNewestAsync(long.MaxValue, cancellationToken)).State is { } newer
            && newer.Version > end.Version)
        {
            Begin(newer);
            await ReadOnAsync(cancellationToken);
        }
    }

    /// <summary>Begins with the newest checkpoint, or with the first commit where there is none.</summary>
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var last = await log.Checkpoints.TryReadLastAsync(cancellationToken);
        if (last is null && await log.TryReadAsync(0, cancellationToken) is { } first)
        {
            Adopt(first);
            return;
        }

        var start = last is null ? null : await log.Checkpoints.TryLoadAsync(last, cancellationToken);
        if (start is null)
        {
            (start, var oldest) = await log.Checkpoints.TryLoadNewestAsync(long.MaxValue, cancellationToken);
            if (start is null && oldest != 0 && (oldest is not null || last is not null))
                throw Cut(oldest);
            if (start is null)
                return;
        }

        Begin(start);
    }

    private async Task ReadOnAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in log.ReadAsync(Known.Version, long.MaxValue, cancellationToken))
            Adopt(entry);
    }

    /// <summary>After a long silence: commits that were missed may be in a checkpoint only.</summary>
    private async Task ReadOnFromCheckpointAsync(CancellationToken cancellationToken)
    {
        if (await log.Checkpoints.TryReadLastAsync(cancellationToken) is { } last && last.Version > Known.Version)
            await StartUpAsync(cancellationToken);
    }

    private void Begin(TableState start)
    {
        lock (_gate)
        {
            if (start.Version <= _state.Version)
                return;

            _recent.Clear();
            _recentBytes = 0;
            StartedFrom = start.Version;
            Take(start);
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

            Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
            Take(state);
        }
    }

    /// <summary>To be called under the gate.</summary>
    private void Take(TableState state)
    {
        Volatile.Write(ref _state, state);
        _newer?.TrySetResult();
        _newer = null;
    }

    /// <summary>The table at a version up to the newest known.</summary>
    /// <exception cref="TerminalException"><c>TableVersionGone</c>.</exception>
    public async Task<TableState> AtAsync(long version, CancellationToken cancellationToken)
    {
        if (TryGetKept(version) is { } kept)
            return kept;

        // From the nearest state before it that is at hand, or from a checkpoint when that is far away or commits between are gone.
        var near = Nearest(version);
        var state = version - near.Version > FewCommits ? near : await ReplayAsync(near, version, cancellationToken);
        if (state.Version != version)
        {
            var (checkpoint, _) = await log.Checkpoints.TryLoadNewestAsync(version, cancellationToken);
            state = await ReplayAsync(checkpoint?.Version > state.Version ? checkpoint : state, version, cancellationToken);
        }

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

    /// <returns>The state at the version, or at the last one before the first commit that is gone.</returns>
    private async Task<TableState> ReplayAsync(TableState state, long version, CancellationToken cancellationToken)
    {
        await foreach (var entry in log.ReadAsync(state.Version, version, cancellationToken))
            state = state.Apply(entry);
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

    /// <summary>The newest version of a time, by the times of the commits.</summary>
    /// <exception cref="TerminalException"><c>TableVersionNotFound</c>: there was no table then. <c>TableVersionGone</c>.</exception>
    public async Task<long> VersionAtAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var newest = Known;
        if (time >= newest.Timestamp)
            return newest.Version;

        var low = await OldestAsync(cancellationToken);
        if (time < await TimestampAsync(low, cancellationToken))
        {
            throw low > 0 ? Gone(low - 1) : new TerminalException(
                FailureKind.NotFound, "TableVersionNotFound", $"Table '{log.Table}' was not there yet at {time:O}.", "timestamp");
        }

        for (var high = newest.Version; high - low > 1;)
        {
            var middle = low + ((high - low) / 2);
            if (await TimestampAsync(middle, cancellationToken) <= time)
                low = middle;
            else
                high = middle;
        }

        return await BeforeLaterTimesAsync(low, time, cancellationToken);
    }

    /// <summary>Other writers' clocks may have been ahead: from the first commit with a later time on the table is of that time, though commits behind
    /// it tell earlier ones.</summary>
    /// <param name="version">A version whose time is not later.</param>
    private async Task<long> BeforeLaterTimesAsync(long version, DateTimeOffset time, CancellationToken cancellationToken)
    {
        const int MostAtOnce = 64;
        var (found, oldest, count) = (version, await OldestAsync(cancellationToken), 1);
        for (var upTo = version; upTo > oldest; upTo -= count, count = Math.Min(count * 2, MostAtOnce))
        {
            count = (int)Math.Min(count, upTo - oldest);
            var commits = await ReadAsync(upTo - count, upTo, cancellationToken).ToListAsync(cancellationToken);
            foreach (var entry in Enumerable.Reverse(commits))
            {
                if (entry.Commit.Timestamp > time)
                    found = entry.Version - 1;
                else if (entry.Writer is not null)
                    return found; // Of our commits each has a later time than all before it.
            }
        }

        return found;
    }

    public async ValueTask<bool> HasCommitAsync(long version, CancellationToken cancellationToken) =>
        TryGetRecent(version) is not null || await log.ExistsAsync(version, cancellationToken);

    /// <summary>The oldest version whose commit is there.</summary>
    public async Task<long> OldestCommitAsync(CancellationToken cancellationToken)
    {
        if (await log.ExistsAsync(0, cancellationToken))
            return 0;
        await foreach (var file in log.Checkpoints.ListAsync(-1, Known.Version, cancellationToken))
        {
            if (file.Kind == LogFileKind.Commit)
                return file.Version;
        }

        return Known.Version + 1;
    }

    /// <summary>The oldest version whose state can still be told.</summary>
    public async Task<long> OldestAsync(CancellationToken cancellationToken)
    {
        if (await log.ExistsAsync(0, cancellationToken))
            return 0;
        List<LogFile> seen = [];
        await foreach (var file in log.Checkpoints.ListAsync(-1, Known.Version, cancellationToken))
        {
            // All parts of a checkpoint come before the next version's files.
            if (seen.Count > 0 && seen[^1].Version != file.Version && Checkpoints.Complete(seen) is [var oldest, ..])
                return oldest.Version;
            seen.Add(file);
        }

        return Checkpoints.Complete(seen) is [var last, ..] ? last.Version : Known.Version;
    }

    private async Task<DateTimeOffset> TimestampAsync(long version, CancellationToken cancellationToken) =>
        (TryGetRecent(version) ?? await log.TryReadAsync(version, cancellationToken))?.Commit.Timestamp
        ?? (await AtAsync(version, cancellationToken)).Timestamp;

    /// <summary>How many processes have written the table of late, as far as this one has seen. Those of other software count as one.</summary>
    /// <param name="except">One that is not to be counted.</param>
    public int CountWriters(string except, DateTimeOffset since)
    {
        var writers = new HashSet<string>(StringComparer.Ordinal);
        lock (_gate)
        {
            for (var version = _state.Version; version > _state.Version - MostWriters && _recent.TryGetValue(version, out var moment); version--)
            {
                if (moment.Entry.Commit.Timestamp < since)
                    break;
                writers.Add(moment.Entry.Writer ?? "");
            }
        }

        writers.Remove(except);
        return writers.Count;
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

    private TerminalException Cut(long? oldest) => new(
        FailureKind.Internal,
        "TableLogUnreadable",
        $"The log of table '{log.Table}' {(oldest is null ? "has no commits" : $"begins at version {oldest}")}, and no checkpoint of it can be read. "
        + "Restore the files of its _delta_log folder.",
        log.Table.Name);

    private sealed record Moment(LogEntry Entry, TableState State);
}
