using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>
/// Sums up what became of all rows received, and checks it: the ledger's rows, written batch by batch when commits were projected, are
/// compared with the batches in the table's log and with the rows of the files that each commit added.
/// </summary>
public sealed class Ledger(IRowStore rows, DeltaTables tables, TableProjector projector, CatalogStore catalog)
{
    /// <summary>Row table: partition = dataset, id = batch id.</summary>
    public const string RowTable = "ledger";

    private const int PageSize = 100;

    /// <summary>The ledgers of all datasets, in the order of their names.</summary>
    public async Task<IReadOnlyList<DatasetLedger>> ListAsync(CancellationToken cancellationToken)
    {
        var ledgers = new List<DatasetLedger>();
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<DatasetDefinition>(after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
                ledgers.Add(await ReadAsync(entry.Definition.Name, cancellationToken));
            after = page.Next;
        }
        while (after is not null);
        return ledgers;
    }

    /// <exception cref="TerminalException"><c>DatasetNotFound</c>: there is none, and never was one that got data.</exception>
    public async Task<DatasetLedger> GetAsync(string dataset, CancellationToken cancellationToken)
    {
        // What was received stays accounted for when its definition is deleted.
        if (await catalog.FindAsync<DatasetDefinition>(dataset, cancellationToken) is null && !await HasTableAsync(dataset, cancellationToken))
            await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        return await ReadAsync(dataset, cancellationToken);
    }

    private async Task<bool> HasTableAsync(string dataset, CancellationToken cancellationToken) =>
        NameRules.IsTableName(dataset)
        && await tables.Get(new TableName(TableKind.Dataset, dataset)).TryGetSnapshotAsync(null, cancellationToken) is not null;

    private async Task<DatasetLedger> ReadAsync(string dataset, CancellationToken cancellationToken)
    {
        var name = new TableName(TableKind.Dataset, dataset);
        var table = tables.Get(name);
        var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken);
        var cursor = await projector.TryGetCursorAsync(name, ReceiptProjection.Name, cancellationToken);

        // The log first: rows that are projected meanwhile are of versions it does not have, and are left out.
        var newest = snapshot?.Version ?? -1;
        var differences = new List<string>();
        var log = new LedgerTotals();
        if (snapshot is not null)
        {
            await foreach (var commit in table.ReadCommitsAsync(snapshot.FirstVersion - 1, newest, cancellationToken))
            {
                log = commit.Batches.Aggregate(log, static (sum, batch) => sum.Plus(batch));
                CheckFiles(commit, differences);
            }
        }

        var totals = new LedgerTotals();
        var compared = new LedgerTotals();
        await foreach (var row in rows.QueryAsync<LedgerEntry>(RowTable, dataset, null, null, cancellationToken))
        {
            if (row.Value.TableVersion > newest)
                continue;
            totals = totals.Plus(row.Value);
            if (row.Value.TableVersion >= (snapshot?.FirstVersion ?? 0))
                compared = compared.Plus(row.Value);
        }

        if (!totals.AddsUp())
            differences.Add($"{totals.Received} rows were received, but {totals.Loaded + totals.Quarantined + totals.Duplicate + totals.Discarded} are accounted for.");
        if (compared != log)
            differences.Add($"The ledger has {compared.Batches} batches with {compared.Received} rows, the log {log.Batches} with {log.Received}.");
        return new DatasetLedger(dataset, differences.Count == 0, totals, log, snapshot?.Version, cursor?.Version, differences);
    }

    // Merges rewrite files with rows of other batches, so only what was added as it came can be compared.
    private static void CheckFiles(Commit commit, List<string> differences)
    {
        if (commit.Batches.Count == 0 || commit.Operation == "MERGE" || !commit.Added.All(file => file.Statistics is not null))
            return;
        var loaded = commit.Batches.Sum(batch => batch.Loaded);
        var added = commit.Added.Sum(file => file.Statistics!.Rows);
        if (loaded != added)
            differences.Add($"Version {commit.Version} loaded {loaded} rows, but its files have {added}.");
    }
}
