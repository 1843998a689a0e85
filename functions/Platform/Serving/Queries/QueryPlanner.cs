using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>From a <see cref="TableQuery"/> to DuckDB SQL over the files of one table version. Every door goes through here.</summary>
public static class QueryPlanner
{
    /// <summary>The rows.</summary>
    /// <param name="relation">The name of the view over the table, with timestamps as TIMESTAMP WITH TIME ZONE: only comparisons with
    /// the type that files hold are pruned by their statistics.</param>
    /// <param name="tieBreakers">Columns appended to the order, so that pages of one version never overlap: the key, or all columns.</param>
    /// <param name="visible">Which of the table's rows there are for the caller; null for all.</param>
    public static SqlQuery Rows(TableQuery query, string relation, IReadOnlyList<TableColumn> tieBreakers, Expression? visible = null)
    {
        var sql = new SqlExpressionWriter();
        sql.Append("SELECT ");
        for (var index = 0; index < query.Select.Count; index++)
            Output(sql.Append(index == 0 ? "" : ", "), query.Select[index]);
        From(sql, query, relation, visible);
        Where(sql, query.Filter);
        OrderBy(sql, query.OrderBy, tieBreakers);
        if (query.Top is { } top)
            sql.Append(" LIMIT ").Value(top);
        if (query.Skip > 0)
            sql.Append(" OFFSET ").Value(query.Skip);
        return sql.ToSql();
    }

    /// <summary>How many rows pass the filter, whatever <c>top</c> and <c>skip</c> say.</summary>
    /// <inheritdoc cref="Rows"/>
    public static SqlQuery Count(TableQuery query, string relation, Expression? visible = null)
    {
        var sql = new SqlExpressionWriter();
        sql.Append("SELECT count(*)");
        From(sql, query, relation, visible);
        Where(sql, query.Filter);
        return sql.ToSql();
    }

    /// <summary>Timestamps leave as microseconds since 1970: the cheapest to read, and no time zone has a say.</summary>
    private static void Output(SqlExpressionWriter sql, TableColumn column)
    {
        if (ValueKinds.Of(column) is ValueKind.Timestamp)
            sql.Append("epoch_us(").Name(column.Name).Append(") AS ").Name(column.Name);
        else
            sql.Name(column.Name);
    }

    private static void From(SqlExpressionWriter sql, TableQuery query, string relation, Expression? visible)
    {
        sql.Append(" FROM ");
        ApplyWriter.Write(sql, query.Apply, () =>
        {
            if (visible is null)
            {
                sql.Name(relation);
                return;
            }

            sql.Append("(SELECT * FROM ").Name(relation);
            Where(sql, visible);
            sql.Append(")");
        });
    }

    private static void Where(SqlExpressionWriter sql, Expression? filter)
    {
        if (filter is null)
            return;
        sql.Append(" WHERE ");
        sql.Write(filter, exact: false);
    }

    private static void OrderBy(SqlExpressionWriter sql, IReadOnlyList<OrderTerm> terms, IReadOnlyList<TableColumn> tieBreakers)
    {
        var named = terms.Select(term => (term.Expression as ColumnExpression)?.Column.Name).ToHashSet(StringComparer.Ordinal);
        var all = terms
            .Where(term => term.Expression is not LiteralExpression) // A constant orders nothing, and SQL reads numbers as positions.
            .Concat(tieBreakers.Where(column => !named.Contains(column.Name)).Select(column => new OrderTerm(new ColumnExpression(column))))
            .ToList();
        for (var index = 0; index < all.Count; index++)
        {
            sql.Append(index == 0 ? " ORDER BY " : ", ");
            sql.Write(all[index].Expression, exact: true);
            sql.Append(all[index].Descending ? " DESC NULLS LAST" : " ASC NULLS FIRST");
        }
    }
}
