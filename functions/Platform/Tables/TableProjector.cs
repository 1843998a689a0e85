using System.Collections.Concurrent;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Tables;

/// <summary>
/// Runs what follows from a table's log: each commit in order, at least once, then moves the projection's cursor. Requests call it
/// after their commit and a timer calls it for those that crashed, in several processes at once: handlers must be idempotent by
/// (table id, version), and the cursor never goes back.
/// </summary>
public sealed class TableProjector(IRowStore rows, DeltaTables tables, ILogger<TableProjector>? logger = null)
{
    /// <summary>Row table of the cursors: partition = table name, id = projection.</summary>
    public const string RowTable = "projections";

    // So that a long catch-up that is cut off does not start over.
    private const int SaveEvery = 100;

    private readonly ILogger _logger = logger ?? NullLogger<TableProjector>.Instance;
    private readonly ConcurrentDictionary<(TableName Table, string Projection), Follower> _followers = new();

    /// <returns>Null when the projection has never run.</returns>
    public async Task<ProjectionCursor?> TryGetCursorAsync(TableName table, string projection, CancellationToken cancellationToken) =>
        (await ReadAsync(table, projection, cancellationToken)).Cursor;

    /// <summary>Hands the commits after the cursor to <paramref name="handler"/>, in order.</summary>
    /// <param name="upTo">A version to reach at least; returns at once when the cursor has it. Null goes to the newest.</param>
    /// <param name="handler">Gets the newest snapshot (the same for all commits of a call) and a commit. What it throws is passed on; the
    /// cursor stays before that commit.</param>
    /// <returns>The version projected up to; -1 when there is no such table.</returns>
    public Task<long> AdvanceAsync(
        TableName table,
        string projection,
        long? upTo,
        Func<Snapshot, Commit, CancellationToken, Task> handler,
        CancellationToken cancellationToken) =>
        AdvanceAsync(table, projection, upTo, 1, (snapshot, commits, token) => handler(snapshot, commits[0], token), cancellationToken);

    /// <summary>Hands over the commits after the cursor, in order, up to <paramref name="atOnce"/> of them at a time.</summary>
    /// <inheritdoc cref="AdvanceAsync(TableName, string, long?, Func{Snapshot, Commit, CancellationToken, Task}, CancellationToken)"/>
    public async Task<long> AdvanceAsync(
        TableName table,
        string projection,
        long? upTo,
        int atOnce,
        Func<Snapshot, IReadOnlyList<Commit>, CancellationToken, Task> handler,
        CancellationToken cancellationToken)
    {
        var follower = _followers.GetOrAdd((table, projection), _ => new Follower());
        await follower.Turn.WaitAsync(cancellationToken);
        try
        {
            var deltaTable = tables.Get(table);
            var snapshot = await (upTo is { } wanted
                ? deltaTable.TryGetRecentSnapshotAsync(TimeSpan.MaxValue, wanted, cancellationToken)
                : deltaTable.TryGetSnapshotAsync(null, cancellationToken));
            if (snapshot is null)
                return -1;

            // The row is asked only when what this process saw of the cursor last does not answer already.
            if (upTo is { } version && follower.Cursor is { } seen && seen.TableId == snapshot.TableId && seen.Version >= version)
                return seen.Version;

            return await FollowAsync(follower, deltaTable, projection, snapshot, atOnce, handler, cancellationToken);
        }
        finally
        {
            follower.Turn.Release();
        }
    }

    private async Task<long> FollowAsync(
        Follower follower,
        DeltaTable table,
        string projection,
        Snapshot snapshot,
        int atOnce,
        Func<Snapshot, IReadOnlyList<Commit>, CancellationToken, Task> handler,
        CancellationToken cancellationToken)
    {
        var (cursor, etag) = await ReadAsync(table.Name, projection, cancellationToken);
        if (cursor is not null && cursor.TableId != snapshot.TableId)
        {
            // Either the table is another one now, or this process has not seen that yet.
            snapshot = await table.TryGetSnapshotAsync(null, cancellationToken) ?? snapshot;
        }

        var done = cursor?.TableId == snapshot.TableId ? cursor.Version : snapshot.FirstVersion - 1;
        var lost = cursor?.TableId == snapshot.TableId ? cursor.LostUpTo : null;
        if (await LostUpToAsync(table, projection, done, snapshot.Version, cancellationToken) is { } gone)
            (done, lost) = (gone, gone);
        var saved = done;
        List<Commit> group = [];
        try
        {
            await foreach (var commit in table.ReadCommitsAsync(done, snapshot.Version, cancellationToken))
            {
                group.Add(commit);
                if (group.Count < atOnce && commit.Version < snapshot.Version)
                    continue;
                await handler(snapshot, group, cancellationToken);
                group.Clear();
                done = commit.Version;
                if (done - saved >= SaveEvery)
                    (saved, etag) = await SaveAsync(follower, table.Name, projection, new(snapshot.TableId, done, lost), etag, cancellationToken);
            }
        }
        finally
        {
            FaultPoint.Pass("before-projection-cursor");
            if (done > saved || etag is null)
                await SaveAsync(follower, table.Name, projection, new(snapshot.TableId, done, lost), etag, CancellationToken.None);
        }

        follower.Cursor = new ProjectionCursor(snapshot.TableId, done, lost);
        return done;
    }

    /// <summary>A projection that lagged until its commits were deleted, or came into being after that, goes on with those that are left.</summary>
    /// <returns>The last version that is gone; null when the next one is there.</returns>
    private async Task<long?> LostUpToAsync(DeltaTable table, string projection, long done, long newest, CancellationToken cancellationToken)
    {
        if (done >= newest || await table.HasCommitAsync(done + 1, cancellationToken))
            return null;
        var gone = await table.OldestCommitAsync(cancellationToken) - 1;
        if (gone <= done)
            return null;
        Log.ProjectionLost(_logger, table.Name.Name, projection, done + 1, gone);
        return gone;
    }

    /// <summary>Moves the cursor forward. Another process may have moved it meanwhile: the higher version of the same table stays.</summary>
    private async Task<(long Version, string? ETag)> SaveAsync(
        Follower follower, TableName table, string projection, ProjectionCursor cursor, string? etag, CancellationToken cancellationToken)
    {
        var key = new RowKey(table.Name, projection);
        var value = JsonSerializer.SerializeToUtf8Bytes(cursor, ProtocolJson.Default.ProjectionCursor);
        while (true)
        {
            var row = etag is null
                ? await rows.TryInsertAsync(RowTable, key, value, cancellationToken)
                : await rows.TryReplaceAsync(RowTable, key, value, etag, cancellationToken);
            if (row is not null)
            {
                follower.Cursor = cursor;
                return (cursor.Version, row.ETag);
            }

            (var other, etag) = await ReadAsync(table, projection, cancellationToken);
            if (other is not null && other.TableId == cursor.TableId && other.Version >= cursor.Version)
            {
                follower.Cursor = other;
                return (cursor.Version, etag);
            }
        }
    }

    private async Task<(ProjectionCursor? Cursor, string? ETag)> ReadAsync(TableName table, string projection, CancellationToken cancellationToken)
    {
        var row = await rows.GetAsync(RowTable, new RowKey(table.Name, projection), cancellationToken);
        return row is null
            ? (null, null)
            : (JsonSerializer.Deserialize(row.Value.Span, ProtocolJson.Default.ProjectionCursor), row.ETag);
    }

    private sealed class Follower
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public ProjectionCursor? Cursor { get; set; }
    }
}
