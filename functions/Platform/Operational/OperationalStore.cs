using System.Collections.Concurrent;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operational;

/// <summary>Key to latest row, for datasets whose contract says <c>operational</c>. A change is checked and committed to the dataset table
/// before it is seen here, so that ledger, pipelines and marts know of it too.</summary>
public sealed class OperationalStore
{
    private const int MaxReads = 10;

    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ContractPlans _plans;
    private readonly RowCommitter _committer;
    private readonly OperationalProjection _projection;
    private readonly DatasetProjections _all;
    private readonly ScratchFolder _scratch;
    private readonly IngestionLimits _limits;
    private readonly OperationalRows _rows;
    private readonly ILogger<OperationalStore> _logger;

    // Changes of one process take turns at a table: at once, all but one would be decided in vain.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    public OperationalStore(
        IRowStore rows,
        IObjectStore objects,
        CatalogStore catalog,
        DeltaTables tables,
        ContractPlans plans,
        RowCommitter committer,
        OperationalProjection projection,
        DatasetProjections all,
        ScratchFolder scratch,
        IngestionLimits limits,
        ILogger<OperationalStore> logger)
    {
        _catalog = catalog;
        _tables = tables;
        _plans = plans;
        _committer = committer;
        _projection = projection;
        _all = all;
        _scratch = scratch;
        _limits = limits;
        _rows = new OperationalRows(rows, objects);
        _logger = logger;
    }

    /// <param name="key">As it stands in the address, percent-decoded.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>, <c>NotOperational</c>, <c>InvalidKey</c>, <c>RowNotFound</c>.</exception>
    public async Task<OperationalItem> GetAsync(string dataset, string key, CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(dataset, cancellationToken);
        return await FindAsync(dataset, KeyOf(entry.Definition, key), cancellationToken) is { } found
            ? ItemOf(found)
            : throw NotFound(dataset);
    }

    /// <summary>Rows in no meaningful order; a key that is there all the time comes once.</summary>
    /// <exception cref="TerminalException">Also 400 and 501 for what is wrong with the query.</exception>
    public async Task<OperationalPage> ListAsync(OperationalQuery query, CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(query.Dataset, cancellationToken);
        var snapshot = await _tables.Get(new TableName(TableKind.Dataset, query.Dataset)).TryGetRecentSnapshotAsync(TimeSpan.FromSeconds(1), -1, cancellationToken);
        var listing = OperationalListing.Of(query, entry.Definition, snapshot);
        return await listing.ReadAsync(_rows, cancellationToken);
    }

    /// <summary>Makes a row the latest of its key.</summary>
    /// <exception cref="TerminalException">400, 404; <c>RowExists</c>, <c>RowChanged</c> (a condition does not hold, at the commit);
    /// <c>RowOutdated</c> (the key has a row that is later by <c>orderBy</c>); <c>RowRefused</c>; <c>ReplacedAsWhole</c>.</exception>
    public Task<OperationalWritten> PutAsync(OperationalWrite write, CancellationToken cancellationToken) => WriteAsync(
        write,
        async (change, before, snapshot, token) =>
        {
            var draft = await change.PutAsync(write.Body, snapshot, token);
            return EnsureLater(change, draft, before);
        },
        cancellationToken);

    /// <summary>Changes members of a row: JSON Merge Patch (RFC 7396).</summary>
    /// <inheritdoc cref="PutAsync"/>
    public Task<OperationalWritten> PatchAsync(OperationalWrite write, CancellationToken cancellationToken) => WriteAsync(
        write,
        async (change, before, snapshot, token) =>
        {
            if (before is null)
                throw NotFound(write.Dataset);
            var draft = await change.PatchAsync(write.Body, before.Values!.Value, snapshot!, token);
            return EnsureLater(change, draft, before);
        },
        cancellationToken);

    /// <summary>Deletes a key. A row that is later by the contract's order brings it back.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public Task<OperationalWritten> DeleteAsync(OperationalWrite write, CancellationToken cancellationToken) => WriteAsync(
        write,
        (change, before, _, _) => before is null ? throw NotFound(write.Dataset) : Task.FromResult(change.Delete(before.Values!.Value)),
        cancellationToken);

    private static RowDraft EnsureLater(RowChange change, RowDraft draft, OperationalRow? before)
    {
        if (before is null || string.CompareOrdinal(change.OrderOf(draft), before.Position.Order) >= 0)
            return draft;
        draft.Dispose();
        throw new TerminalException(FailureKind.Conflict, "RowOutdated", "The key has a row that is later by the contract's 'orderBy'. Nothing was stored. Send late rows as a batch: they go to the table and leave the latest row as it is.");
    }

    private static void CheckCondition(OperationalRow? before, PutCondition condition)
    {
        if (condition.MustBeAbsent && before is not null)
            throw new TerminalException(FailureKind.PreconditionFailed, "RowExists", $"The key has a row already, with ETag \"{before.ETag}\". Leave out If-None-Match to replace it.", "If-None-Match");
        if (condition.ETag is { } etag && before?.ETag != etag)
        {
            throw new TerminalException(
                FailureKind.PreconditionFailed,
                "RowChanged",
                before is null ? "The key has no row (any more). Leave out If-Match to create it." : $"The row has changed: its ETag is \"{before.ETag}\" now. Get it, repeat your change on it and try again.",
                "If-Match");
        }
    }

    private static OperationalItem ItemOf(OperationalRow row) => new(row.Key!, row.ETag, System.Text.Encoding.UTF8.GetBytes(row.Values!.Value.GetRawText()));

    private static TerminalException NotFound(string dataset) =>
        new(FailureKind.NotFound, "RowNotFound", $"The operational store of '{dataset}' has no row with this key.", "key");

    private static OperationalKey KeyOf(DatasetDefinition definition, string path)
    {
        var texts = OperationalKey.Parse(path, definition.Key.Count);
        return OperationalKey.Of([.. definition.Key.Select((name, index) =>
            FieldValue.Normalize(definition.Fields.First(field => field.Name == name), texts[index]))]);
    }

    private async Task<CatalogEntry<DatasetDefinition>> EntryAsync(string dataset, CancellationToken cancellationToken)
    {
        var entry = await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        return entry.Definition.Operational
            ? entry
            : throw new TerminalException(FailureKind.NotFound, "NotOperational", $"The dataset '{dataset}' is not in the operational store: its contract does not say \"operational\": true.", "dataset");
    }

    /// <returns>Null when there is no row, or a deleted one.</returns>
    private async Task<OperationalRow?> FindAsync(string dataset, OperationalKey key, CancellationToken cancellationToken)
    {
        for (var reads = 0; reads < MaxReads; reads++)
        {
            if (await _rows.FindAsync(dataset, key, cancellationToken) is not { Deleted: false } row)
                return null;
            if (row.Object is null)
                return row;
            if (await _rows.TryOpenAsync(row, cancellationToken) is { } large)
                return row with { Key = large.Key, Values = large.Values };
        }

        throw new TransientException($"A large row of '{dataset}' changes too often to be read.");
    }

    private async Task<OperationalWritten> WriteAsync(
        OperationalWrite write,
        Func<RowChange, OperationalRow?, Snapshot?, CancellationToken, Task<RowDraft>> decide,
        CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(write.Dataset, cancellationToken);
        if (entry.Definition.WriteDisposition == WriteDisposition.Replace)
            throw new TerminalException(FailureKind.Conflict, "ReplacedAsWhole", $"The dataset '{write.Dataset}' is replaced as a whole by each batch ('writeDisposition' is 'replace'): single rows are not written. Send a batch.", "dataset");

        var key = KeyOf(entry.Definition, write.Key);
        var plan = await _plans.GetAsync(entry.Definition, entry.Version, cancellationToken);
        var change = new RowChange(plan, key, _scratch, _limits);
        var created = false;
        var turn = _turns.GetOrAdd(write.Dataset, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            var (commit, batch) = await _committer.CommitAsync(
                new RowRequest(write.Dataset, write.Caller, write.ContentType, write.Body),
                entry,
                async (snapshot, token) =>
                {
                    // The commit lands on this version or not at all: what holds of it holds at the commit.
                    if (snapshot is not null)
                        await _projection.AdvanceAsync(write.Dataset, snapshot.Version, token);
                    var before = await FindAsync(write.Dataset, key, token);
                    CheckCondition(before, write.Condition);
                    created = before is null;
                    return await decide(change, before, snapshot, token);
                },
                cancellationToken);
            return await FollowAsync(write.Dataset, key, commit, batch, created);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The change is committed: from here on nothing may answer as if it were not.</summary>
    private async Task<OperationalWritten> FollowAsync(string dataset, OperationalKey key, Commit commit, CommittedBatch batch, bool created)
    {
        OperationalItem? item = null;
        try
        {
            // Receipt and ledger too; what does not come up to the change there is left to the timer, here it is told.
            await _all.AdvanceAsync(dataset, commit.Version, CancellationToken.None);
            await _projection.AdvanceAsync(dataset, commit.Version, CancellationToken.None);
            if (await FindAsync(dataset, key, CancellationToken.None) is { } row)
                item = ItemOf(row);
        }
        catch (Exception fault) when (fault is TransientException or TerminalException)
        {
            Log.NotProjected(_logger, dataset, commit.Version, fault);
            throw new TransientException($"The change is committed as version {commit.Version} of the table, with receipt '{batch.Id}', and will be seen here in a moment.", fault);
        }

        return new OperationalWritten(item, created, batch.Id, commit.Version);
    }
}
