using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Catalog;

/// <summary>Finds the table behind a name of the flat namespace.</summary>
public sealed class TableCatalog(CatalogStore catalog)
{
    /// <returns>Null when no dataset, pipeline step or mart has the name. A table that is defined need not have data yet.</returns>
    public async Task<TableName?> FindAsync(string name, CancellationToken cancellationToken) =>
        SystemTables.All.FirstOrDefault(table => table.Name == name)
        ?? (await catalog.FindOwnerAsync(name, cancellationToken) is { } owner ? new TableName(KindOf(owner.Kind), name) : null);

    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public async Task<TableName> GetAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken)
        ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"There is no dataset, warehouse table or mart '{ObjectReader.Shorten(name)}'.", "table");

    private static TableKind KindOf(DefinitionKind kind) => kind switch
    {
        DefinitionKind.Dataset => TableKind.Dataset,
        DefinitionKind.Pipeline => TableKind.Warehouse,
        _ => TableKind.Mart,
    };
}
