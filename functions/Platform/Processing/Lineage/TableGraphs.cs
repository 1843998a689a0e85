namespace DataPlatform.Processing.Lineage;

/// <summary>Reads from the catalog which tables are computed from which.</summary>
public sealed class TableGraphs(TableWriters writers)
{
    public async Task<TableGraph> ReadAsync(CancellationToken cancellationToken) => new(await writers.ReadAsync(cancellationToken).ToListAsync(cancellationToken));
}
