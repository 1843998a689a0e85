using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>How a query's result is written.</summary>
public sealed record ParquetOptions
{
    /// <summary>A file that grows beyond this is followed by another one.</summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>Bound to the parameters that the query names, all of them and no others.</summary>
    public IReadOnlyList<SqlParameter> Parameters { get; init; } = [];

    /// <summary>Columns to sort by, so that filters on them read few row groups; empty keeps the query's order.</summary>
    public IReadOnlyList<string> SortBy { get; init; } = [];

    /// <summary>Columns that the rows are divided by: each file holds those of one value of them, and not the columns. The query is then run twice.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>Columns of the table that the rows go to: what has a narrower type than there is written in the table's. Empty keeps the query's types.</summary>
    public IReadOnlyList<TableColumn> Into { get; init; } = [];
}
