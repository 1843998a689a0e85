namespace DataPlatform.Sql;

/// <summary>Whether a query gives the same rows when it runs once for each partition of one of its tables.</summary>
/// <param name="Table">The table whose rows are divided; null when there is a fault.</param>
/// <param name="Fault">Why not, with line and column; null when it does.</param>
public sealed record SplitQuery(TableReference? Table, string? Fault);
