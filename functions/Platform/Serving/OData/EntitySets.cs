using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Serving.OData;

/// <summary>The tables that OData shows: those whose rows have a key. These are marts, by their dimensions, and datasets that are merged.</summary>
public sealed class EntitySets(CatalogStore catalog, TableCatalog names, ServedTables tables, TableReads reads)
{
    private const int ParallelReads = 8;

    /// <exception cref="TerminalException"><c>EntitySetNotFound</c> (404), <c>ScopeMissing</c> (403).</exception>
    public async Task<EntitySet> GetAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        var found = await names.FindAsync(name, cancellationToken) is { } table ? await OfAsync(table, cancellationToken) : null;
        if (found is null)
        {
            throw new TerminalException(
                FailureKind.NotFound, "EntitySetNotFound", $"There is no entity set '{Shorten(name)}'. Entity sets are marts, and datasets with the write disposition merge: /odata lists them.", "path");
        }

        return caller.Has(found.Scope) ? found : throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{found.Scope}'.", "scope");
    }

    /// <summary>Those that a caller may read and that have data, in ordinal order of their names, each at its newest version.</summary>
    public async Task<IReadOnlyList<PinnedTable>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var marts = await catalog.ListNamesAsync<MartDefinition>(cancellationToken);
        var datasets = await catalog.ListNamesAsync<DatasetDefinition>(cancellationToken);
        List<PinnedTable> found = [];
        foreach (var chunk in marts.Concat(datasets).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(ParallelReads))
            found.AddRange((await Task.WhenAll(chunk.Select(name => FindAsync(name, caller, cancellationToken)))).OfType<PinnedTable>());
        return found;
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    private async Task<PinnedTable?> FindAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        try
        {
            return await names.FindAsync(name, cancellationToken) is { } table && await OfAsync(table, cancellationToken) is { } set && caller.Has(set.Scope)
                ? await reads.PinAsync(set.Table, new TableVersionRequest(), cancellationToken)
                : null;
        }
        catch (TerminalException exception) when (exception.Kind is FailureKind.NotFound)
        {
            return null; // Without data there are no types to tell of; or it was deleted just now.
        }
    }

    private async Task<EntitySet?> OfAsync(TableName table, CancellationToken cancellationToken)
    {
        switch (table.Kind)
        {
            case TableKind.Mart:
                return new EntitySet(await tables.MartAsync(table.Name, cancellationToken), $"read:mart/{table.Name}");
            case TableKind.Dataset:
                var dataset = await tables.DatasetAsync(table.Name, cancellationToken);
                return dataset.Key.Count > 0 ? new EntitySet(dataset, $"read:dataset/{table.Name}") : null;
            default:
                return null;
        }
    }
}
