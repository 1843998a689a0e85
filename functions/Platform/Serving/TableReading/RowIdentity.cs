using DataPlatform.Catalog;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Serving.TableReading;

/// <summary>What tells the rows of a query apart, whatever it orders by.</summary>
internal static class RowIdentity
{
    /// <returns>Columns that no two rows have alike; null when there are none.</returns>
    public static IReadOnlyList<TableColumn>? Of(PinnedTable table, TableQuery query)
    {
        if (query.GroupKeys is { } keys)
            return keys;
        return table.Table.Name.Kind switch
        {
            TableKind.Mart when table.Table.Mart is { } mart && IsOf(table, mart) => [.. table.Columns.Where(column => table.Table.Key.Contains(column.Name))],
            TableKind.Dataset when Columns(table, SystemColumns.Batch, SystemColumns.Row) is { } place =>
                [.. table.Columns.Where(column => table.Table.Key.Contains(column.Name)), .. place],
            _ => null,
        };
    }

    /// <summary>What rows are ordered by beyond the query's own order when nothing tells them apart: those that are equal in all are the same to a reader. Unordered
    /// rows come as the files have them, which is the same each time.</summary>
    public static IReadOnlyList<TableColumn> OrAll(PinnedTable table, TableQuery query)
    {
        if (Of(table, query) is { } identity)
            return identity;
        if (table.Table.Key.Count == 0 && query.OrderBy.Count == 0)
            return [];

        // Columns of types that queries do not know stay out.
        var type = RowModel.Of(table.Columns).Type;
        return [.. table.Columns.Where(column => type.FindProperty(column.Name) is not null).OrderBy(column => table.Table.Key.Contains(column.Name) ? 0 : 1)];
    }

    /// <summary>A version may be older than the definition, and have been grouped by something else.</summary>
    private static bool IsOf(PinnedTable table, MartDefinition mart) => table.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal)
        .SetEquals(mart.Dimensions.Select(dimension => dimension.Name).Concat(mart.Measures.Select(measure => measure.Name)));

    private static TableColumn[]? Columns(PinnedTable table, params string[] names)
    {
        var found = table.Snapshot.Columns.Where(column => names.Contains(column.Name)).ToArray();
        return found.Length == names.Length ? found : null;
    }
}
