using DuckDB.NET.Data;

namespace DataPlatform.Serving.Queries;

/// <summary>SQL for a page of rows, each with what tells its place behind its columns.</summary>
internal sealed record PagePlan(SqlQuery Sql, IReadOnlyList<OrderKey> Keys)
{
    /// <summary>The place behind a row, for <see cref="QueryPlanner.Page"/>.</summary>
    public IReadOnlyList<string?> KeysOf(DuckDBDataReader row) => [.. Keys.Select(key => key.Read(row))];
}
