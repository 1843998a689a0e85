using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Serving;

/// <summary>Finds what routes name.</summary>
public sealed class ServedTables(CatalogStore catalog, TableCatalog tables)
{
    /// <exception cref="TerminalException"><c>MartNotFound</c>.</exception>
    public async Task<ServedTable> MartAsync(string name, CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<MartDefinition>(name, cancellationToken);
        return new ServedTable(
            new TableName(TableKind.Mart, name),
            entry.Version,
            [.. entry.Definition.Dimensions.Select(dimension => dimension.Name)],
            $"POST /api/v1/marts/{name}/refreshes computes it")
        { Mart = entry.Definition };
    }

    /// <exception cref="TerminalException"><c>DatasetNotFound</c>.</exception>
    public async Task<ServedTable> DatasetAsync(string name, CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<DatasetDefinition>(name, cancellationToken);

        // Only a merge keeps keys unique.
        var key = entry.Definition.WriteDisposition is WriteDisposition.Merge ? entry.Definition.Key : [];
        return new ServedTable(
            new TableName(TableKind.Dataset, name), entry.Version, key, $"POST /api/v1/ingest/{name}/batches loads rows");
    }

    /// <summary>A table of any kind.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public async Task<ServedTable> AnyAsync(string name, CancellationToken cancellationToken) =>
        (await tables.GetAsync(name, cancellationToken)).Kind switch
        {
            TableKind.Dataset => await DatasetAsync(name, cancellationToken),
            TableKind.Mart => await MartAsync(name, cancellationToken),
            _ => await WarehouseTableAsync(name, cancellationToken),
        };

    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public async Task<ServedTable> WarehouseTableAsync(string name, CancellationToken cancellationToken)
    {
        var table = await tables.FindAsync(name, cancellationToken);
        return table is { Kind: TableKind.Warehouse }
            ? new ServedTable(table, 0, [], "run the pipeline that writes it")
            : throw new TerminalException(
                FailureKind.NotFound,
                "TableNotFound",
                table is null
                    ? $"There is no warehouse table '{name}': no pipeline has a step with this target."
                    : $"'{name}' is a {table.Kind.ToString().ToLowerInvariant()}, not a warehouse table."
                        + $" Its rows are at /api/v1/{table.Kind.ToString().ToLowerInvariant()}s/{name}/rows.",
                "table");
    }
}
