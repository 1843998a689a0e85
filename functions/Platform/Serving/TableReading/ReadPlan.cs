using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.TableReading;

/// <summary>What is read for a page, and how the next one follows.</summary>
/// <param name="CountFiles">The files that may hold rows of the query.</param>
/// <param name="Files">Those of them that may hold rows of the page.</param>
internal sealed record ReadPlan(PagePlan Page, IReadOnlyList<DataFile> CountFiles, IReadOnlyList<DataFile> Files, int? PageSize, RowPosition Start, bool ByKeys)
{
    public static ReadPlan Of(PinnedTable table, TableQuery query, ReadOptions options, string relation)
    {
        var files = FilesOf(table, query, options.Filter);
        var identity = RowIdentity.Of(table, query);
        var order = OrderOf(table, query, identity);
        var start = options.After is { } after ? Checked(after, table, order) : new RowPosition(null, 0, query.Top);
        start = start with { Order = order };
        var limit = options.PageSize is { } size && (start.Left is null || start.Left > size) ? size + 1L : start.Left;
        if (identity is not null)
        {
            var keyed = QueryPlanner.Page(query with { Top = limit }, relation, identity, options.Filter?.Condition, start.Keys);
            return new ReadPlan(keyed, files, files, options.PageSize, start, ByKeys: true);
        }

        var (read, skipped) = (files, 0L);
        var skip = query.Skip > long.MaxValue - start.Offset ? long.MaxValue : query.Skip + start.Offset;
        var ties = RowIdentity.OrAll(table, query);
        if (ties.Count == 0 && query.OrderBy.Count == 0 && query.Filter is null && query.Apply.Count == 0 && options.Filter is null)
            (read, skipped) = Between(table.Snapshot, files, skip, limit);
        var planned = QueryPlanner.Rows(query with { Top = limit, Skip = skip - skipped }, relation, ties, options.Filter?.Condition);
        return new ReadPlan(new PagePlan(planned, []), query.Count ? files : read, read, options.PageSize, start, ByKeys: false);
    }

    /// <summary>The files that may hold rows of a query. Where they give the order of rows, any process sees the same one.</summary>
    public static IReadOnlyList<DataFile> FilesOf(PinnedTable table, TableQuery query, RowFilter? filter)
    {
        var files = FileChoice.Choose(table.Snapshot, [filter?.Condition, .. query.RowConditions]);
        return RowIdentity.Of(table, query) is null ? [.. files.OrderBy(file => file.ModificationTime).ThenBy(file => file.Path, StringComparer.Ordinal)] : files;
    }

    /// <summary>A place is good for the order that it was made in, and for no other.</summary>
    /// <exception cref="TerminalException"><c>TableVersionGone</c> (410), <c>InvalidCursor</c> (400).</exception>
    private static RowPosition Checked(RowPosition place, PinnedTable table, string order)
    {
        if (place.Order is { } before && before != order)
        {
            throw new TerminalException(
                FailureKind.Gone,
                "TableVersionGone",
                $"'{table.Table.Name}' was defined anew since the page before, and its rows are told apart by other columns now. Start again without the cursor.",
                "after");
        }

        return place is { Offset: >= 0, Left: null or >= 0 } ? place : throw RowCursor.Invalid("after");
    }

    private static string OrderOf(PinnedTable table, TableQuery query, IReadOnlyList<TableColumn>? identity)
    {
        var names = string.Join(',', (identity ?? RowIdentity.OrAll(table, query)).Select(column => column.Name));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{identity is not null}:{names}")).AsSpan(0, 6));
    }

    /// <summary>The place behind the last of some rows.</summary>
    public RowPosition Behind(long rows, DuckDBDataReader last) =>
        new(ByKeys ? Page.KeysOf(last) : null, Start.Offset + rows, Start.Left is { } left ? left - rows : null) { Order = Start.Order };

    /// <summary>Leaves out the files before and behind a stretch of rows, by the numbers that the log has.</summary>
    private static (IReadOnlyList<DataFile> Files, long Skipped) Between(Snapshot snapshot, IReadOnlyList<DataFile> files, long skip, long? limit)
    {
        if (snapshot.Columns.Any(column => column.Name == TableColumn.Deleted) || files.Any(file => file.Statistics is null || file.PartitionValues.Count > 0 || file.Path.Contains('/', StringComparison.Ordinal)))
            return (files, 0);

        List<DataFile> chosen = [];
        var (before, skipped) = (0L, 0L);
        foreach (var file in files)
        {
            var rows = file.Statistics!.Rows;
            if (before + rows <= skip)
                skipped += rows;
            else if (limit is null || skip > long.MaxValue - limit || before < skip + limit)
                chosen.Add(file);
            before += rows;
        }

        return (chosen, skipped);
    }
}
