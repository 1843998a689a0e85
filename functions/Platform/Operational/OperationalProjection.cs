using System.Collections.Concurrent;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operational;

/// <summary>
/// Keeps the rows of the operational store up to the logs of dataset tables. Rows are built once from a version of the table (an epoch) and
/// follow the commits behind it, each with a cursor of its epoch. A new epoch begins when there is another table behind the name, when key or
/// order of the contract change, and when files that commits added are gone.
/// </summary>
public sealed class OperationalProjection : IDatasetProjection
{
    private const int MaxTries = 20;

    /// <summary>Requests do not wait longer for a large commit; the timer goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly TableProjector _projector;
    private readonly OperationalRows _rows;
    private readonly CommittedRows _committed;
    private readonly ILogger<OperationalProjection> _logger;

    // Two of one process building the same would only be in each other's way.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _building = new(StringComparer.Ordinal);

    public OperationalProjection(
        IRowStore rows,
        IObjectStore objects,
        CatalogStore catalog,
        DeltaTables tables,
        TableProjector projector,
        [FromKeyedServices(SqlEngine.Serving)] SqlEngine engine,
        ILogger<OperationalProjection> logger)
    {
        _catalog = catalog;
        _tables = tables;
        _projector = projector;
        _rows = new OperationalRows(rows, objects);
        _committed = new CommittedRows(engine);
        _logger = logger;
    }

    /// <inheritdoc/>
    public async Task<long> AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken)
    {
        if (await _catalog.FindAsync<DatasetDefinition>(dataset, cancellationToken) is not { Definition.Operational: true } entry)
            return -1;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (upTo is not null)
            limit.CancelAfter(Patience);
        try
        {
            return await AdvanceAsync(entry, upTo, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientException($"The operational store of '{dataset}' has not come up to version {upTo} of its table in {Patience.TotalSeconds:0} s. It goes on by itself.");
        }
    }

    private async Task<long> AdvanceAsync(CatalogEntry<DatasetDefinition> entry, long? upTo, CancellationToken cancellationToken)
    {
        var table = _tables.Get(new TableName(TableKind.Dataset, entry.Definition.Name));
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await BuildAsync(entry, table, cancellationToken) is not { } state)
                return -1;
            try
            {
                var version = await _projector.AdvanceAsync(
                    table.Name, FormattableString.Invariant($"operational-{state.Epoch}"), upTo,
                    (snapshot, commit, token) => ProjectAsync(entry, state.Epoch, snapshot, commit, token), cancellationToken);

                // What was written to an epoch that has ended meanwhile is not seen any more.
                if ((await _rows.FindStateAsync(table.Name.Name, cancellationToken))?.Value is { IsBuilt: true } now && now.Epoch == state.Epoch)
                    return version;
            }
            catch (Exception gone) when (gone is ObjectNotFoundException or TerminalException { Kind: FailureKind.Gone })
            {
                Log.FilesGone(_logger, table.Name.Name, gone);
                await BeginAsync(entry, table, await _rows.FindStateAsync(table.Name.Name, cancellationToken), cancellationToken);
            }
        }

        throw new TransientException($"The operational store of '{entry.Definition.Name}' is being built anew again and again.");
    }

    /// <summary>Makes sure that the epoch's first rows are there.</summary>
    /// <returns>Null when there is no table.</returns>
    private async Task<OperationalState?> BuildAsync(CatalogEntry<DatasetDefinition> entry, DeltaTable table, CancellationToken cancellationToken)
    {
        if (await table.TryGetRecentSnapshotAsync(TimeSpan.MaxValue, -1, cancellationToken) is not { } snapshot)
            return null;

        var dataset = table.Name.Name;
        var known = await _rows.FindStateAsync(dataset, cancellationToken);
        if (known?.Value is { IsBuilt: true } state && IsCurrent(state, entry, snapshot))
            return state;

        var turn = _building.GetOrAdd(dataset, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            snapshot = await table.TryGetSnapshotAsync(null, cancellationToken) ?? snapshot;
            while (true)
            {
                known = await _rows.FindStateAsync(dataset, cancellationToken);
                if (known is null || !IsCurrent(known.Value, entry, snapshot))
                {
                    snapshot = await BeginAsync(entry, table, known, cancellationToken);
                    continue;
                }

                if (known.Value.IsBuilt)
                    return known.Value;
                try
                {
                    await BuildEpochAsync(entry, table, known.Value, cancellationToken);
                    if (await _rows.TryChangeStateAsync(dataset, known, known.Value with { IsBuilt = true }, cancellationToken))
                        Log.Built(_logger, dataset, known.Value.Built, known.Value.Epoch);
                }
                catch (Exception gone) when (gone is ObjectNotFoundException or TerminalException { Kind: FailureKind.Gone })
                {
                    Log.FilesGone(_logger, dataset, gone);
                    snapshot = await BeginAsync(entry, table, known, cancellationToken);
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Fixes what the next epoch is built from, unless another does.</summary>
    private async Task<Snapshot> BeginAsync(
        CatalogEntry<DatasetDefinition> entry, DeltaTable table, StoredRow<OperationalState>? known, CancellationToken cancellationToken)
    {
        var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken)
            ?? throw new TransientException($"The table of dataset '{table.Name.Name}' has just been removed.");
        await _rows.TryChangeStateAsync(
            table.Name.Name, known,
            new OperationalState((known?.Value.Epoch ?? 0) + 1, snapshot.TableId, SignatureOf(entry.Definition), entry.Version, snapshot.Version, false, -1),
            cancellationToken);
        return snapshot;
    }

    private static bool IsCurrent(OperationalState state, CatalogEntry<DatasetDefinition> entry, Snapshot snapshot)
    {
        if (state.Signature == SignatureOf(entry.Definition))
            return state.TableId == snapshot.TableId;
        return entry.Version < state.DefinitionVersion
            ? throw new TransientException($"The contract of '{entry.Definition.Name}' has just changed. Try again.")
            : false;
    }

    private static string SignatureOf(DatasetDefinition definition) => string.Join(',', definition.Key.Append(definition.OrderBy).Select(name =>
        definition.Fields.FirstOrDefault(field => field.Name == name) is { } field ? $"{name} {FieldTypeName.Of(field)}" : ""));

    private async Task BuildEpochAsync(
        CatalogEntry<DatasetDefinition> entry, DeltaTable table, OperationalState state, CancellationToken cancellationToken)
    {
        var snapshot = await table.TryGetSnapshotAsync(state.Built, cancellationToken);
        if (snapshot?.TableId != state.TableId)
            throw new TerminalException(FailureKind.Gone, "TableVersionGone", $"Version {state.Built} of table '{table.Name}' is of another table.");

        var position = new RowPosition(state.Epoch, -1, null, state.Built, 0, 0);
        await FeedAsync(snapshot, entry.Definition, snapshot.Files, null, position, cancellationToken);
        if (state.Epoch > 1)
            await SweepAsync(table.Name.Name, position, cancellationToken);
    }

    private async Task ProjectAsync(
        CatalogEntry<DatasetDefinition> entry, long epoch, Snapshot snapshot, Commit commit, CancellationToken cancellationToken)
    {
        var dataset = snapshot.Table.Name;
        if (!commit.DataChange)
            return;
        if (await _rows.FindStateAsync(dataset, cancellationToken) is not { } known || known.Value.Epoch != epoch
            || commit.Version <= known.Value.Built || commit.Version < known.Value.Replaced)
            return;

        FaultPoint.Pass("before-operational");
        var replaces = commit.Removed.Count > 0 && !(commit.Operation == "MERGE" && commit.Batches.Count > 0);
        var position = new RowPosition(epoch, known.Value.Replaced, null, commit.Version, 0, 0);
        if (!replaces)
        {
            // A merge also writes rows again that were there before.
            IReadOnlyList<string>? batches = commit.Removed.Count == 0 ? null : [.. commit.Batches.Select(batch => batch.Id)];
            await FeedAsync(snapshot, entry.Definition, commit.Added, batches, position, cancellationToken);
            return;
        }

        if (known.Value.Replaced < commit.Version && !await _rows.TryChangeStateAsync(dataset, known, known.Value with { Replaced = commit.Version }, cancellationToken))
            throw new TransientException($"Another process is replacing the rows of '{dataset}' in the operational store.");
        position = position with { Replaced = commit.Version };
        var replaced = await _tables.Get(snapshot.Table).TryGetSnapshotAsync(commit.Version, cancellationToken);
        await FeedAsync(replaced!, entry.Definition, replaced!.Files, null, position, cancellationToken);
        await SweepAsync(dataset, position, cancellationToken);
        FaultPoint.Pass("after-operational");
    }

    private async Task FeedAsync(
        Snapshot snapshot, DatasetDefinition definition, IReadOnlyList<DataFile> files, IReadOnlyList<string>? batches, RowPosition position,
        CancellationToken cancellationToken)
    {
        using var feed = new RowFeed(_rows, definition.Name, cancellationToken);
        try
        {
            await _committed.ReadAsync(snapshot, definition, files, batches, position, feed.AddAsync, cancellationToken);
            await feed.CompleteAsync();
        }
        finally
        {
            await feed.StopAsync();
        }
    }

    /// <summary>Marks the keys as deleted that neither epoch nor replacement has a row of. They are not removed: a slow process that still writes
    /// what was before would bring them back.</summary>
    private async Task SweepAsync(string dataset, RowPosition from, CancellationToken cancellationToken)
    {
        for (var partition = 0; partition < OperationalKey.Partitions; partition++)
        {
            var old = new List<(string Id, OperationalRow Row)>();
            await foreach (var (id, row) in _rows.QueryAsync(dataset, partition, null, null, cancellationToken))
            {
                if ((row.Position.Epoch, row.Position.Replaced).CompareTo((from.Epoch, from.Replaced)) >= 0)
                    continue;
                old.Add((id, new OperationalRow { Key = row.Key, Batch = row.Batch, Position = from, Deleted = true }));
                if (old.Count < RowLimits.MaxBatchOperations)
                    continue;
                await _rows.UpsertAsync(dataset, partition, old, expectNew: false, cancellationToken);
                old.Clear();
            }

            if (old.Count > 0)
                await _rows.UpsertAsync(dataset, partition, old, expectNew: false, cancellationToken);
        }
    }
}
