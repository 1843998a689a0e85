using System.Globalization;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Sql;
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
        Select(sql, query);
        From(sql, query, relation, visible);
        Where(sql, query.Filter);
        OrderBy(sql, Order(query, tieBreakers));
        Limit(sql, query.Top, query.Skip);
        return sql.ToSql();
    }

    /// <summary>The rows with the types that tables have, for files.</summary>
    /// <inheritdoc cref="Rows"/>
    internal static SqlQuery File(TableQuery query, string relation, IReadOnlyList<TableColumn> tieBreakers, Expression? visible)
    {
        var sql = new SqlExpressionWriter();
        for (var index = 0; index < query.Select.Count; index++)
            sql.Append(index == 0 ? "SELECT " : ", ").Name(query.Select[index].Name);
        From(sql, query, relation, visible);
        Where(sql, query.Filter);
        OrderBy(sql, Order(query, tieBreakers));
        Limit(sql, query.Top, query.Skip);
        return sql.ToSql();
    }

    /// <summary>Rows behind a place that their values tell.</summary>
    /// <param name="tieBreakers">Together with the order they must tell any two rows apart.</param>
    /// <param name="after">What <see cref="PagePlan.KeysOf"/> gave of the last row before; null for the first page.</param>
    /// <inheritdoc cref="Rows"/>
    internal static PagePlan Page(
        TableQuery query, string relation, IReadOnlyList<TableColumn> tieBreakers, Expression? visible, IReadOnlyList<string?>? after)
    {
        var sql = new SqlExpressionWriter();
        Select(sql, query);
        var order = Order(query, tieBreakers);
        List<OrderKey> keys = [];
        var ordinal = query.Select.Count;
        foreach (var term in order)
        {
            var selected = term.Expression is ColumnExpression column ? query.Select.ToList().IndexOf(column.Column) : -1;
            keys.Add(new OrderKey(term, OrderKey.TypeOf(term.Expression), selected >= 0 ? selected : ordinal));
            if (selected < 0)
                Output(sql.Append(", "), term.Expression, string.Create(CultureInfo.InvariantCulture, $"_key{ordinal++}"));
        }

        From(sql, query, relation, visible);
        Where(sql, query.Filter);
        if (after is not null)
        {
            if (after.Count != keys.Count)
                throw TableReading.RowCursor.Invalid("after");
            sql.Append(query.Filter is null ? " WHERE " : " AND ");
            KeysetWriter.Write(sql, keys, after);
        }

        OrderBy(sql, order);
        Limit(sql, query.Top, after is null ? query.Skip : 0);
        return new PagePlan(sql.ToSql(), keys);
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

    private static void Select(SqlExpressionWriter sql, TableQuery query)
    {
        sql.Append("SELECT ");
        for (var index = 0; index < query.Select.Count; index++)
            Output(sql.Append(index == 0 ? "" : ", "), new ColumnExpression(query.Select[index]), query.Select[index].Name);
    }

    /// <summary>Timestamps leave as microseconds since 1970: the cheapest to read, and no time zone has a say.</summary>
    private static void Output(SqlExpressionWriter sql, Expression expression, string name)
    {
        var isColumn = expression is ColumnExpression column && column.Column.Name == name;
        if (expression.Kind is ValueKind.Timestamp)
        {
            sql.Append("epoch_us(").Write(expression, exact: true);
            sql.Append(") AS ").Name(name);
        }
        else if (isColumn || !expression.Kind.IsNumber() || expression is ColumnExpression)
        {
            sql.Write(expression, exact: true);
            if (!isColumn)
                sql.Append(" AS ").Name(name);
        }
        else
        {
            sql.Append("CAST(").Write(expression, exact: true);
            sql.Append($" AS {DeltaTypes.ToSql(OrderKey.TypeOf(expression))}) AS ").Name(name);
        }
    }

    private static void Limit(SqlExpressionWriter sql, long? top, long skip)
    {
        if (top is { } rows)
            sql.Append(" LIMIT ").Value(rows);
        if (skip > 0)
            sql.Append(" OFFSET ").Value(skip);
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

    private static List<OrderTerm> Order(TableQuery query, IReadOnlyList<TableColumn> tieBreakers)
    {
        var named = query.OrderBy.Select(term => (term.Expression as ColumnExpression)?.Column.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. query.OrderBy.Where(term => term.Expression is not LiteralExpression), // A constant orders nothing, and SQL reads numbers as positions.
            .. tieBreakers.Where(column => !named.Contains(column.Name)).Select(column => new OrderTerm(new ColumnExpression(column))),
        ];
    }

    private static void OrderBy(SqlExpressionWriter sql, List<OrderTerm> terms)
    {
        for (var index = 0; index < terms.Count; index++)
        {
            sql.Append(index == 0 ? " ORDER BY " : ", ");
            sql.Write(terms[index].Expression, exact: true);
            sql.Append(terms[index].Descending ? " DESC NULLS LAST" : " ASC NULLS FIRST");
        }
    }
}
