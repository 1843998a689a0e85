using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>What steps hold of the tables they read as <c>new.X</c>: the commits behind the position in their target's <c>txn</c> actions.</summary>
public sealed class StepHolds(CatalogStore catalog, DeltaTables tables)
{
    private const int PageSize = 100;

    /// <param name="tableId">Delta's id of the table; positions in another table of its name hold nothing.</param>
    public async IAsyncEnumerable<TableHold> FindAsync(
        TableName table, string tableId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<PipelineDefinition>(after, PageSize, cancellationToken);
            foreach (var pipeline in page.Entries.Select(entry => entry.Definition))
            {
                foreach (var step in pipeline.Steps)
                {
                    var target = await tables.Get(new TableName(TableKind.Warehouse, step.Target)).TryGetSnapshotAsync(version: null, cancellationToken);
                    if (target is not null && target.Transactions.TryGetValue($"{pipeline.Name}/{step.Name}/{table.Name}/{tableId}", out var position) && position >= 0)
                        yield return new TableHold($"step:{pipeline.Name}/{step.Name}", tableId, position);
                }
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
