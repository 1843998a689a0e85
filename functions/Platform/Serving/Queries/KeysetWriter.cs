namespace DataPlatform.Serving.Queries;

/// <summary>Writes the condition that a row comes behind another one in an order where nulls are lower than every value.</summary>
internal static class KeysetWriter
{
    public static void Write(SqlExpressionWriter sql, IReadOnlyList<OrderKey> keys, IReadOnlyList<string?> after)
    {
        // Said first, for files and row groups are left out by it: that of the whole is beyond the engine.
        sql.Append("(");
        if (keys.Count > 1 && after[0] is not null)
        {
            Compare(sql, keys[0], after[0], orEqual: true);
            sql.Append(" AND ");
        }

        Behind(sql, keys, after, 0);
        sql.Append(")");
    }

    private static void Behind(SqlExpressionWriter sql, IReadOnlyList<OrderKey> keys, IReadOnlyList<string?> after, int index)
    {
        if (index == keys.Count - 1)
        {
            Compare(sql, keys[index], after[index], orEqual: false);
            return;
        }

        sql.Append("(");
        Compare(sql, keys[index], after[index], orEqual: false);
        sql.Append(" OR (");
        Name(sql, keys[index]);
        if (after[index] is { } value)
            keys[index].WriteValue(sql.Append(" = "), value);
        else
            sql.Append(" IS NULL");
        sql.Append(" AND ");
        Behind(sql, keys, after, index + 1);
        sql.Append("))");
    }

    private static void Compare(SqlExpressionWriter sql, OrderKey key, string? value, bool orEqual)
    {
        if (value is null)
        {
            // Ascending, every value is behind null; descending, nothing is.
            if (key.Term.Descending)
                sql.Append("false");
            else
                Name(sql.Append("("), key).Append(" IS NOT NULL)");
            return;
        }

        Name(sql.Append("("), key).Append(key.Term.Descending ? " <" : " >").Append(orEqual ? "= " : " ");
        key.WriteValue(sql, value);
        if (key.Term.Descending)
            Name(sql.Append(" OR "), key).Append(" IS NULL");
        sql.Append(")");
    }

    private static SqlExpressionWriter Name(SqlExpressionWriter sql, OrderKey key)
    {
        sql.Write(key.Term.Expression, exact: true);
        return sql;
    }
}
