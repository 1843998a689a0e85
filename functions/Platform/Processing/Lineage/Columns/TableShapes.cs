using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>The columns of tables as SQL sees them.</summary>
public sealed class TableShapes(CatalogStore catalog, DeltaTables tables)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>The columns of a table as it is now, or, without data, as it is defined.</summary>
    /// <returns>Null for what has no data and is not defined by a list of columns.</returns>
    public async Task<IReadOnlyList<string>?> ReadAsync(TableName table, CancellationToken cancellationToken)
    {
        if (await tables.Get(table).TryGetRecentSnapshotAsync(MaxAge, minVersion: -1, cancellationToken) is { } snapshot)
            return Of(snapshot);
        return table.Kind switch
        {
            TableKind.Dataset => (await catalog.FindAsync<DatasetDefinition>(table.Name, cancellationToken))?.Definition.Fields
                .Where(field => field.Pii != PiiRule.Drop).Select(field => field.Name).ToList(),
            TableKind.Mart => (await catalog.FindAsync<MartDefinition>(table.Name, cancellationToken))?.Definition is { } mart
                ? [.. mart.Dimensions.Select(dimension => dimension.Name), .. mart.Measures.Select(measure => measure.Name)]
                : null,
            _ => null,
        };
    }

    /// <summary>Those of a version.</summary>
    internal static IReadOnlyList<string> Of(Snapshot snapshot) => [.. snapshot.Columns.Select(column => column.Name).Where(name => !name.StartsWith('_'))];
}
