namespace DataPlatform.Sql;

/// <summary>How a query's result is written.</summary>
public sealed record ParquetOptions
{
    /// <summary>A file that grows beyond this is followed by another one.</summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>Columns to sort by, so that filters on them read few row groups; empty keeps the query's order.</summary>
    public IReadOnlyList<string> SortBy { get; init; } = [];
}
