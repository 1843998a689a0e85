using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Gives up rows in quarantine. The table's log keeps which, so that no replay takes them any more; all of a request in one commit.</summary>
public sealed class QuarantineDismisser
{
    private const int MaxTries = 100;
    private const int MaxInline = 2000;

    private readonly IObjectStore _objects;
    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ReplayStore _store;
    private readonly QuarantineProjection _projection;
    private readonly DatasetProjections _projections;
    private readonly QuarantineIndex _index;
    private readonly TimeProvider _clock;

    public QuarantineDismisser(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        ReplayStore store,
        QuarantineProjection projection,
        DatasetProjections projections,
        TimeProvider clock)
    {
        _objects = objects;
        _catalog = catalog;
        _tables = tables;
        _store = store;
        _projection = projection;
        _projections = projections;
        _index = new QuarantineIndex(rows, objects);
        _clock = clock;
    }

    /// <param name="document">A <see cref="DismissalRequest"/>.</param>
    /// <param name="key">The header <c>Idempotency-Key</c>, if any.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidDismissal</c>; <c>IdempotencyKeyReused</c>.</exception>
    public async Task<Dismissal> DismissAsync(string dataset, ReadOnlyMemory<byte> document, string caller, string? key, CancellationToken cancellationToken)
    {
        BatchService.CheckKey(key);
        await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        var request = QuarantineDocument.ReadDismissal(dataset, document);
        var snapshot = await TableOf(dataset).TryGetSnapshotAsync(null, cancellationToken);
        var dismissal = new Dismissal(BatchId.Create(dataset, _clock.GetUtcNow()), dataset, request.Reason!) { Since = snapshot?.Version ?? -1 };
        if (key is not null)
        {
            dismissal = await _store.BeginDismissalAsync(
                dataset, caller, key, ReplayStore.HashOf(Encoding.UTF8.GetString(document.Span)), dismissal, cancellationToken);
        }

        if (dismissal.HasEnded)
            return dismissal;
        var done = (snapshot is null ? dismissal : await CommitAsync(dismissal, request, caller, cancellationToken)) with { HasEnded = true };
        FaultPoint.Pass("after-dismissal");
        if (key is not null)
            await _store.EndDismissalAsync(dataset, done, cancellationToken);
        return done;
    }

    /// <summary>Dismisses what was selected, once.</summary>
    internal async Task<Dismissal> CommitAsync(Dismissal dismissal, DismissalRequest request, string caller, CancellationToken cancellationToken)
    {
        var table = TableOf(dismissal.Dataset);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var snapshot = (await table.TryGetSnapshotAsync(null, cancellationToken))!;
            if (await FindAsync(table, dismissal, snapshot.Version, cancellationToken) is { } earlier)
                return Done(dismissal, earlier);
            await _projection.CatchUpAsync(dismissal.Dataset, snapshot.Version, cancellationToken);
            var rows = await SelectAsync(dismissal, request, caller, cancellationToken);
            if (rows.Count == 0)
                return dismissal;
            try
            {
                var commit = await table.CommitAsync(
                    new TableChange
                    {
                        Operation = "DISMISS",
                        Columns = [],
                        SinceVersion = snapshot.Version,
                        OperationId = dismissal.Operation,
                        Transactions = QuarantineLog.Transaction(snapshot.Version),
                        Extra = new JsonObject { [QuarantineLog.DismissedMember] = JsonSerializer.SerializeToNode(rows, PlatformJson.Options) },
                    },
                    cancellationToken);
                await _projections.AdvanceAsync(dismissal.Dataset, commit.Version, cancellationToken);
                await _projection.CatchUpAsync(dismissal.Dataset, commit.Version, cancellationToken);
                return Done(dismissal, commit);
            }
            catch (CommitConflictException)
            {
                // Somebody else took rows out of quarantine meanwhile: look what is left.
            }
        }

        throw new TransientException($"The quarantine of '{dismissal.Dataset}' is changed again and again.");
    }

    private static Dismissal Done(Dismissal dismissal, Commit commit)
    {
        var rows = QuarantineLog.DismissedBy(commit);
        return dismissal with { Dismissed = rows.Sum(some => some.Count), Batches = rows.Count, TableVersion = commit.Version };
    }

    private static async Task<Commit?> FindAsync(DeltaTable table, Dismissal dismissal, long upTo, CancellationToken cancellationToken)
    {
        await foreach (var commit in table.ReadCommitsAsync(dismissal.Since, upTo, cancellationToken))
        {
            if (commit.OperationId == dismissal.Operation)
                return commit;
        }

        return null;
    }

    private DeltaTable TableOf(string dataset) => _tables.Get(new TableName(TableKind.Dataset, dataset));

    private async Task<IReadOnlyList<DismissedRows>> SelectAsync(Dismissal dismissal, DismissalRequest request, string caller, CancellationToken cancellationToken)
    {
        List<DismissedRows> rows = [];
        await foreach (var batch in _index.SelectAsync(dismissal.Dataset, request, cancellationToken))
        {
            if (rows.Count == QuarantineSelection.MaxBatches)
                break;
            if (request.Cause is null)
                rows.Add(new DismissedRows(dismissal.Id, batch.Id, batch.Open, null, null, dismissal.Reason, caller));
            else if (await FindRowsAsync(dismissal.Dataset, batch, request, cancellationToken) is { IsEmpty: false } found)
                rows.Add(await KeepAsync(dismissal, batch, found, caller, cancellationToken));
        }

        return rows;
    }

    private async Task<RowSet> FindRowsAsync(string dataset, QuarantinedBatch batch, DismissalRequest request, CancellationToken cancellationToken)
    {
        var found = new RowSet();
        if (batch.File is null)
            return found;
        var open = await _index.OpenAsync(await _index.TakenAsync(dataset, batch.Id, cancellationToken), cancellationToken);
        await using var file = await _objects.OpenReadAsync(LakePath.Parse(batch.File), batch.FileRange, cancellationToken);
        await foreach (var row in QuarantineLines.ReadAsync(file, cancellationToken))
        {
            if (open.Contains(row.Number) && request.Has(row))
                found.Add(row.Number);
        }

        return found;
    }

    private async Task<DismissedRows> KeepAsync(Dismissal dismissal, QuarantinedBatch batch, RowSet rows, string caller, CancellationToken cancellationToken)
    {
        var ranges = rows.ToString();
        var named = new DismissedRows(dismissal.Id, batch.Id, rows.Count, ranges, null, dismissal.Reason, caller);
        if (ranges.Length <= MaxInline)
            return named;

        // A try that commits nothing leaves its object behind: the next one may find other rows.
        var path = LakePath.Parse($"lake/quarantine/{dismissal.Dataset}/_taken/{dismissal.Id}/{batch.Id}-{Guid.NewGuid():N}.txt");
        await _objects.TryPutAsync(path, Encoding.ASCII.GetBytes(ranges), PutCondition.IfAbsent, "text/plain", cancellationToken);
        return named with { Ranges = null, Object = path.Value };
    }
}
