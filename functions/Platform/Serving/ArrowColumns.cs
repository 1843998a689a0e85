using System.Buffers;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Serving;

/// <summary>What the columns of tables are in Arrow.</summary>
internal static class ArrowColumns
{
    private const int DecimalBytes = 16;
    private static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    public static ArrowColumn Create(TableColumn column, CellKind kind) => kind switch
    {
        CellKind.Boolean => ArrowColumn.Of<BooleanArray, BooleanArray.Builder>(
            BooleanType.Default, () => new(), static (values, row, at) => Counted(values.Append(row.GetBoolean(at)), sizeof(bool)), static values => values.AppendNull()),
        CellKind.Int64 when column.Type is "byte" or "short" or "integer" => Int32(Int32Type.Default, static (row, at) => checked((int)row.GetInt64(at))),
        CellKind.Int64 => Int64(Int64Type.Default),
        CellKind.Single => ArrowColumn.Of<FloatArray, FloatArray.Builder>(
            FloatType.Default, () => new(), static (values, row, at) => Counted(values.Append(row.GetFloat(at)), sizeof(float)), static values => values.AppendNull()),
        CellKind.Double => ArrowColumn.Of<DoubleArray, DoubleArray.Builder>(
            DoubleType.Default, () => new(), static (values, row, at) => Counted(values.Append(row.GetDouble(at)), sizeof(double)), static values => values.AppendNull()),
        CellKind.Decimal or CellKind.LongDecimal => Decimal(column, kind),
        CellKind.Date => Int32(
            Date32Type.Default,
            static (row, at) => row.GetFieldValue<DateOnly>(at).DayNumber - Epoch,
            static days => new Date32Array(days.ValueBuffer, days.NullBitmapBuffer, days.Length, days.NullCount, days.Offset)),
        CellKind.Timestamp => Timestamp(),
        CellKind.Binary => ArrowColumn.Of<BinaryArray, BinaryArray.Builder>(BinaryType.Default, () => new(), Binary, static values => values.AppendNull()),
        _ => ArrowColumn.Of<StringArray, StringArray.Builder>(StringType.Default, () => new(), Text, static values => values.AppendNull()),
    };

    private static ArrowColumn Int32(IArrowType type, Func<DuckDBDataReader, int, int> read, Func<Int32Array, IArrowArray>? wrap = null) =>
        ArrowColumn.Of<Int32Array, Int32Array.Builder>(
            type, () => new(), (values, row, at) => Counted(values.Append(read(row, at)), sizeof(int)), static values => values.AppendNull(), wrap);

    private static ArrowColumn Int64(IArrowType type, Func<Int64Array, IArrowArray>? wrap = null) =>
        ArrowColumn.Of<Int64Array, Int64Array.Builder>(
            type, () => new(), static (values, row, at) => Counted(values.Append(row.GetInt64(at)), sizeof(long)), static values => values.AppendNull(), wrap);

    /// <summary>Microseconds since 1970 as they are: they reach beyond the years of .NET.</summary>
    private static ArrowColumn Timestamp()
    {
        var type = new TimestampType(TimeUnit.Microsecond, "UTC");
        return Int64(type, micros => new TimestampArray(type, micros.ValueBuffer, micros.NullBitmapBuffer, micros.Length, micros.NullCount, micros.Offset));
    }

    private static ArrowColumn Decimal(TableColumn column, CellKind kind)
    {
        var (precision, scale) = ValueKinds.DecimalFacets(column);
        var type = new Decimal128Type(precision, scale);
        return ArrowColumn.Of<Decimal128Array, Decimal128Array.Builder>(
            type,
            () => new(type),
            kind == CellKind.LongDecimal
                ? static (values, row, at) => Counted(values.Append(Cells.LongDecimal(row.GetFieldValue<DuckDBDecimal>(at))), DecimalBytes)
                : static (values, row, at) => Counted(values.Append(row.GetDecimal(at)), DecimalBytes),
            static values => values.AppendNull());
    }

    private static int Binary(BinaryArray.Builder values, DuckDBDataReader row, int at)
    {
        var (rented, length) = Cells.Binary(row, at);
        values.Append(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return length + sizeof(int);
    }

    private static int Text(StringArray.Builder values, DuckDBDataReader row, int at)
    {
        var text = row.GetString(at);
        values.Append(text);
        return text.Length + sizeof(int);
    }

    /// <summary>Builders return themselves.</summary>
    private static int Counted(object _, int bytes) => bytes;
}
