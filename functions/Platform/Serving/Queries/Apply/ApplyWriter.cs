using DataPlatform.Sql;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>Writes steps as DuckDB SQL: each a SELECT over the one before.</summary>
internal static class ApplyWriter
{
    /// <param name="source">Writes what the first step reads, as an item of FROM.</param>
    public static void Write(SqlExpressionWriter sql, IReadOnlyList<ApplyStep> steps, Action source) => Write(sql, steps, steps.Count, source);

    private static void Write(SqlExpressionWriter sql, IReadOnlyList<ApplyStep> steps, int count, Action source)
    {
        if (count == 0)
        {
            source();
            return;
        }

        sql.Append("(SELECT ");
        switch (steps[count - 1])
        {
            case FilterStep filter:
                sql.Append("* FROM ");
                Write(sql, steps, count - 1, source);
                sql.Append(" WHERE ").Write(filter.Condition, exact: false);
                break;
            case ComputeStep compute:
                sql.Append("*");
                foreach (var column in compute.Computed)
                    Value(sql.Append(", "), column);
                sql.Append(" FROM ");
                Write(sql, steps, count - 1, source);
                break;
            case GroupStep group:
                Group(sql, group, () => Write(sql, steps, count - 1, source));
                break;
            default:
                throw new InvalidOperationException($"No SQL for {steps[count - 1].GetType().Name}.");
        }

        sql.Append(")");
    }

    private static void Value(SqlExpressionWriter sql, ComputedColumn column)
    {
        var cast = column.Value.Kind.IsNumber();
        sql.Append(cast ? "CAST(" : "").Write(column.Value, exact: true);
        sql.Append(cast ? $" AS {DeltaTypes.ToSql(column.Column.Type)})" : "").Append(" AS ").Name(column.Column.Name);
    }

    private static void Group(SqlExpressionWriter sql, GroupStep group, Action source)
    {
        for (var index = 0; index < group.Keys.Count; index++)
            sql.Append(index == 0 ? "" : ", ").Name(group.Keys[index].Name);
        for (var index = 0; index < group.Aggregated.Count; index++)
            Aggregate(sql.Append(index + group.Keys.Count == 0 ? "" : ", "), group.Aggregated[index]);
        sql.Append(" FROM ");
        source();
        for (var index = 0; index < group.Keys.Count; index++)
            sql.Append(index == 0 ? " GROUP BY " : ", ").Append((index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static void Aggregate(SqlExpressionWriter sql, AggregatedColumn column)
    {
        var type = DeltaTypes.ToSql(column.Column.Type);
        if (column.Aggregation is Aggregation.Count)
        {
            sql.Append("count(*)");
        }
        else if (column.Aggregation is Aggregation.Measure)
        {
            sql.Append($"CAST({column.MeasureSql} AS {type})");
        }
        else
        {
            // By Kahan's summation: the order in which threads add must not show.
            var isDouble = column.Operand!.Kind is ValueKind.Double;
            sql.Append("CAST(").Append(column.Aggregation switch
            {
                Aggregation.Sum => isDouble ? "fsum(" : "sum(",
                Aggregation.Average => isDouble ? "favg(" : "avg(",
                Aggregation.Min => "min(",
                Aggregation.Max => "max(",
                _ => "count(DISTINCT ",
            }).Write(column.Operand, exact: true);
            sql.Append($") AS {type})");
        }

        sql.Append(" AS ").Name(column.Column.Name);
    }
}
