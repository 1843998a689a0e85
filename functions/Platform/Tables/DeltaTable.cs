using System.Runtime.CompilerServices;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Checkpointing;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

/// <summary>A Delta Lake table: reader version 1, writer version 2 of the protocol (github.com/delta-io/delta, PROTOCOL.md).</summary>
public sealed class DeltaTable
{
    private readonly DeltaLog _log;
    private readonly IObjectStore _store;
    private readonly TableHistory _history;
    private readonly Committer _committer;
    private readonly LogUpkeep _upkeep;
    private readonly TimeProvider _clock;
    private long _checkedAt;

    internal DeltaTable(
        TableName name, IObjectStore store, TimeProvider clock, PlatformOptions options, TableHolds? holds, ILogger logger)
    {
        Name = name;
        _clock = clock;
        var log = _log = new DeltaLog(name, store, logger);
        _store = store;
        _history = new TableHistory(log, clock);
        var cleanup = holds is null ? null : new LogCleanup(this, log, _history, store, holds, options, clock, logger);
        _upkeep = new LogUpkeep(log, _history, options, cleanup, clock, logger);
        _committer = new Committer(log, _history, clock, logger, _upkeep);
    }

    public TableName Name { get; }

    /// <summary>Completes when this process comes to know a newer version than now, by its own commits or by asking for others'.</summary>
    public Task Newer => _history.Newer;

    /// <summary>Ends with the checkpoint or cleanup of the log that is under way behind this process's commits, if any.</summary>
    internal Task UpkeepIdle => _upkeep.Idle;

    /// <param name="version">Null for the newest.</param>
    /// <returns>Null when there is no such table.</returns>
    /// <exception cref="TerminalException"><c>TableVersionNotFound</c>: the table has not come to it yet.
    /// <c>TableVersionGone</c>: its log no longer reaches back to it.
    /// <c>TableFeatureUnsupported</c>: the table demands more of readers than we can.</exception>
    public async Task<Snapshot?> TryGetSnapshotAsync(long? version, CancellationToken cancellationToken)
    {
        return (await TryGetStateAsync(version, cancellationToken))?.ToSnapshot();
    }

    /// <inheritdoc cref="TryGetSnapshotAsync(long?, CancellationToken)"/>
    internal async Task<TableState?> TryGetStateAsync(long? version, CancellationToken cancellationToken)
    {
        var state = version is >= 0 and { } known && known <= _history.Known.Version ? _history.Known : await RefreshAsync(cancellationToken);
        if (!state.HasTable)
            return null;
        if (version is not { } wanted)
            return state;
        if (wanted < 0 || wanted > state.Version)
        {
            throw new TerminalException(
                FailureKind.NotFound,
                "TableVersionNotFound",
                $"Table '{Name}' has no version {wanted}: its newest is {state.Version}.",
                "version");
        }

        var at = wanted > state.LastDrop ? await _history.AtAsync(wanted, cancellationToken) : null;
        return at is { IsDropped: false }
            ? at
            : throw new TerminalException(
                FailureKind.Gone, "TableVersionGone", $"Version {wanted} of table '{Name}' was of another table, which was dropped. Start from version {state.FirstVersion}.", "version");
    }

    /// <summary>The newest state of the log, also when it is that of a table that was dropped.</summary>
    internal Task<TableState> GetLogStateAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <summary>Whether there is a table of the name, or was one.</summary>
    public async Task<bool> HasLogAsync(CancellationToken cancellationToken) => (await RefreshAsync(cancellationToken)).Exists;

    /// <summary>Deletes what the log has of versions before that of a drop, which a checkpoint then carries. Readers see the dropped table or none,
    /// wherever it is cut off.</summary>
    internal async Task CutLogAsync(TableState dropped, CancellationToken cancellationToken)
    {
        await _upkeep.Idle;
        await _log.Checkpoints.WriteAsync(dropped, DateTimeOffset.MaxValue, cancellationToken);
        var old = await _log.Checkpoints.ListAsync(-1, dropped.Version - 1, cancellationToken).ToListAsync(cancellationToken);
        foreach (var file in old.OrderBy(file => file.Kind == LogFileKind.Commit).ThenBy(file => file.Version))
        {
            await _store.TryDeleteAsync(file.Object.Path, null, cancellationToken);
            FaultPoint.Pass("drop-log");
        }
    }

    /// <summary>The newest version of a time, by the times of the commits.</summary>
    /// <exception cref="TerminalException"><c>TableVersionNotFound</c>: there was no table then. <c>TableVersionGone</c>.</exception>
    internal async Task<long> VersionAtAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        return await _history.VersionAtAsync(time, cancellationToken);
    }

    /// <summary>The table as it was at a time, by the times of its commits; later than the newest commit, that one.</summary>
    /// <returns>Null when there is no such table.</returns>
    /// <exception cref="TerminalException"><c>TableVersionNotFound</c>: there was no table then. <c>TableVersionGone</c>: its log no longer
    /// reaches back to it.</exception>
    public async Task<Snapshot?> TryGetSnapshotAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var state = await RefreshAsync(cancellationToken);
        return state.HasTable
            ? await TryGetSnapshotAsync(await _history.VersionAtAsync(time, cancellationToken), cancellationToken)
            : null;
    }

    /// <summary>The newest snapshot this process knows, unless it was last checked longer than <paramref name="maxAge"/> ago or is
    /// older than <paramref name="minVersion"/>: then the newest there is.</summary>
    /// <param name="minVersion">A version the caller was promised; -1 for none.</param>
    /// <returns>Null when there is no such table.</returns>
    public async Task<Snapshot?> TryGetRecentSnapshotAsync(TimeSpan maxAge, long minVersion, CancellationToken cancellationToken)
    {
        var state = _history.Known;
        var isFresh = state.HasTable && state.Version >= minVersion && _clock.GetElapsedTime(Volatile.Read(ref _checkedAt)) <= maxAge;
        if (!isFresh)
            state = await RefreshAsync(cancellationToken);
        return state.HasTable ? state.ToSnapshot() : null;
    }

    /// <summary>Whether the commit of a version is there.</summary>
    internal ValueTask<bool> HasCommitAsync(long version, CancellationToken cancellationToken) => _history.HasCommitAsync(version, cancellationToken);

    /// <summary>The oldest version whose commit, and those of all versions behind it, are still there. -1 when there is no table.</summary>
    public async Task<long> OldestCommitAsync(CancellationToken cancellationToken) =>
        (await RefreshAsync(cancellationToken)).HasTable ? await _history.OldestCommitAsync(cancellationToken) : -1;

    /// <summary>The oldest version that <see cref="TryGetSnapshotAsync(long?, CancellationToken)"/> can still give. -1 when there is no table.</summary>
    public async Task<long> OldestVersionAsync(CancellationToken cancellationToken)
    {
        var state = await RefreshAsync(cancellationToken);
        if (!state.HasTable)
            return -1;
        var oldest = await _history.OldestAsync(cancellationToken);
        return oldest < state.FirstVersion && (await _history.AtAsync(oldest, cancellationToken)).IsDropped ? state.FirstVersion : oldest;
    }

    /// <summary>The commits of versions (after, upTo], ascending. Their <c>Info</c> is shared: read it only.</summary>
    /// <param name="after">-1 starts at the first version.</param>
    /// <param name="upTo">Null for the newest, which also ends a range that goes beyond it.</param>
    /// <exception cref="TerminalException"><c>TableVersionGone</c>: the log no longer reaches back that far.</exception>
    public async IAsyncEnumerable<Commit> ReadCommitsAsync(
        long after, long? upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var state = _history.Known;
        if (upTo is null || upTo > state.Version)
            state = await RefreshAsync(cancellationToken);
        var known = state.Version;
        await foreach (var entry in _history.ReadAsync(after < 0 ? state.Start - 1 : after, Math.Min(upTo ?? known, known), cancellationToken))
            yield return entry.Commit;
    }

    /// <summary>Lands a change in the log, once: a change whose operation id or batch is found in a commit after
    /// <see cref="TableChange.SinceVersion"/> is not written again.</summary>
    /// <returns>The commit that holds the change, alone or with others.</returns>
    /// <exception cref="CommitConflictException">Another commit changed what this one was computed from.</exception>
    /// <exception cref="TerminalException"><c>SchemaMismatch</c>, <c>InvalidColumns</c>, <c>TableAppendOnly</c>,
    /// <c>TableFeatureUnsupported</c>: the table cannot take the change.</exception>
    /// <exception cref="TransientException">No turn came, or the store did not answer. With an operation id or a batch it can be repeated
    /// safely.</exception>
    public Task<Commit> CommitAsync(TableChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (change.Extra?.FirstOrDefault(member => CommitInfoNames.Reserved.Contains(member.Key)).Key is { } reserved)
            throw new ArgumentException($"'{reserved}' in commitInfo is written by the commit itself.", nameof(change));

        return _committer.CommitAsync(change, cancellationToken);
    }

    private async Task<TableState> RefreshAsync(CancellationToken cancellationToken)
    {
        // The time before asking: what is written while the answer travels is not in it.
        var asked = _clock.GetTimestamp();
        var state = await _history.RefreshAsync(cancellationToken);
        Volatile.Write(ref _checkedAt, asked);
        return state;
    }
}
