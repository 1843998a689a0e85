using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>What marts hold of their sources: the commits, and the files these took away, behind the position in the mart's <c>txn</c> actions. A refresh tells from
/// them which partitions changed.</summary>
public sealed class MartHolds(CatalogStore catalog, DeltaTables tables)
{
    private const int PageSize = 100;

    /// <param name="tableId">Delta's id of the table; positions in another table of its name hold nothing.</param>
    public async IAsyncEnumerable<TableHold> FindAsync(TableName table, string tableId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<MartDefinition>(after, PageSize, cancellationToken);
            foreach (var mart in page.Entries.Select(entry => entry.Definition).Where(mart => mart.Source == table.Name && mart.PartitionBy.Count > 0))
            {
                var target = await tables.Get(new TableName(TableKind.Mart, mart.Name)).TryGetSnapshotAsync(version: null, cancellationToken);
                if (target is not null && target.Transactions.TryGetValue(RefreshPlan.AppIdOf(mart.Name, table.Name, tableId), out var position))
                    yield return new TableHold($"mart:{mart.Name}", tableId, position);
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
