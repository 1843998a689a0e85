using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>
/// Sums up what became of all rows received, and checks it: the ledger's rows, written batch by batch when commits were projected, are
/// compared with the batches in the table's log and with the rows of the files that each commit added and removed.
/// </summary>
public sealed class Ledger(IRowStore rows, DeltaTables tables, TableProjector projector, ReceiptProjection projection, CatalogStore catalog)
{
    /// <summary>Row table: partition = dataset, id = batch id.</summary>
    public const string RowTable = "ledger";

    /// <summary>Member of a merge's <c>commitInfo</c>: rows of the table that the batch's rows replaced.</summary>
    public const string UpdatedMember = "updated";

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

        // Rows of the newest commits may not be written yet: they follow behind the answers.
        await projection.AdvanceAsync(dataset, null, cancellationToken);
        var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken);
        var cursor = await projector.TryGetCursorAsync(name, ReceiptProjection.Name, cancellationToken);

        // The log first: rows that are projected meanwhile are of versions it does not have, and are left out.
        var newest = snapshot?.Version ?? -1;
        var differences = new List<string>();
        var log = new LedgerTotals();
        if (snapshot is not null)
        {
            var files = new Dictionary<string, long?>(StringComparer.Ordinal);
            await foreach (var commit in table.ReadCommitsAsync(snapshot.FirstVersion - 1, newest, cancellationToken))
            {
                log = commit.Batches.Aggregate(log, static (sum, batch) => sum.Plus(batch));
                CheckFiles(commit, files, differences);
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

    /// <param name="files">Rows of the table's files by path, before the commit and then after it; null where the log does not tell.</param>
    private static void CheckFiles(Commit commit, Dictionary<string, long?> files, List<string> differences)
    {
        long? removed = 0;
        foreach (var file in commit.Removed)
            removed += files.Remove(file.Path, out var rows) ? rows : null;
        long? added = 0;
        foreach (var file in commit.Added)
            added += files[file.Path] = file.Statistics?.Rows;
        if (commit.Batches.Count == 0 || added is null)
            return;

        var loaded = commit.Batches.Sum(batch => batch.Loaded);
        if (commit.Operation != "MERGE")
        {
            if (loaded != added)
                differences.Add($"Version {commit.Version} loaded {loaded} rows, but its files have {added}.");
        }
        else if (commit.Info[UpdatedMember] is JsonValue value && value.TryGetValue<long>(out var updated) && added - removed is { } more
            && more != loaded - updated)
        {
            // Merges write the rows anew that stay of a file, so only the difference can be compared.
            differences.Add($"Version {commit.Version} loaded {loaded} rows in place of {updated}, but the table has {more} more, not {loaded - updated}.");
        }
    }
}
