using DataPlatform.Failures;

namespace DataPlatform.Sql.Lineage;

/// <summary>
/// Tells from a query's text, and from the columns of the tables it reads, which columns of these each column of its result comes from. What
/// cannot be told that way is said to be unknown; nothing is guessed. The query does not run.
/// </summary>
public sealed class SqlLineage(SqlInspector inspector)
{
    /// <param name="columns">The columns of a table in their order, as <c>*</c> shows them; null when they are not known.</param>
    /// <param name="target">The place of the SQL, for errors.</param>
    /// <exception cref="TerminalException"><see cref="SqlInspector.ErrorCode"/>: it cannot be parsed.</exception>
    public async Task<QueryLineage> ReadAsync(
        string sql, Func<TableReference, IReadOnlyList<string>?> columns, string target, CancellationToken cancellationToken)
    {
        using var tree = await inspector.ReadTreeAsync(sql, target, cancellationToken);
        var aggregates = await inspector.AggregatesAsync(cancellationToken);
        return new QueryFlows(columns, aggregates).Of(tree.RootElement.GetProperty("statements")[0].GetProperty("node"), outer: null);
    }
}
