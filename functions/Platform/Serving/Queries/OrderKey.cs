using System.Globalization;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Serving.Queries;

/// <summary>A criterion of the order, and how a row's value of it becomes text and a value of SQL again, without loss.</summary>
/// <param name="Ordinal">Where rows have it.</param>
internal sealed record OrderKey(OrderTerm Term, string Type, int Ordinal)
{
    public string? Read(DuckDBDataReader row)
    {
        if (row.IsDBNull(Ordinal))
            return null;
        var culture = CultureInfo.InvariantCulture;
        switch (Cells.KindOf(new TableColumn("key", Type)))
        {
            case CellKind.Boolean:
                return row.GetBoolean(Ordinal) ? "true" : "false";
            case CellKind.Int64 or CellKind.Timestamp:
                return row.GetInt64(Ordinal).ToString(culture);
            case CellKind.Single:
                return row.GetFloat(Ordinal).ToString("R", culture);
            case CellKind.Double:
                return row.GetDouble(Ordinal).ToString("R", culture);
            case CellKind.Decimal or CellKind.LongDecimal:
                return Cells.LongDecimal(row.GetFieldValue<DuckDBDecimal>(Ordinal));
            case CellKind.Date:
                return row.GetFieldValue<DateOnly>(Ordinal).ToString("yyyy-MM-dd", culture);
            case CellKind.Binary:
                var (rented, length) = Cells.Binary(row, Ordinal);
                var hex = Convert.ToHexString(rented.AsSpan(0, length));
                System.Buffers.ArrayPool<byte>.Shared.Return(rented);
                return hex;
            default:
                return row.GetString(Ordinal);
        }
    }

    /// <summary>Writes a value as SQL of the criterion's type.</summary>
    public void WriteValue(SqlExpressionWriter sql, string value)
    {
        if (Type == "timestamp")
            sql.Append("make_timestamptz(CAST(").Value(value).Append(" AS BIGINT))");
        else if (Type == "binary")
            sql.Append("unhex(").Value(value).Append(")");
        else
            sql.Append("CAST(").Value(value).Append($" AS {DeltaTypes.ToSql(Type)})");
    }

    public static string TypeOf(Expression expression) => ComputedTypes.Of(expression) ?? "boolean"; // Only the literal null has none, and is the same in all rows.
}
