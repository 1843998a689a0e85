using System.Globalization;
using System.Numerics;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Operational;

/// <summary>Values of fields that are part of a key or of the order of rows, as texts: one that names the value, whichever way it was
/// written, and one that sorts.</summary>
internal static class FieldValue
{
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>A row's value in a query's result, timestamps as microseconds: bool, long, double, Int128 or string.</summary>
    /// <returns>Null for NULL.</returns>
    public static object? Read(DuckDBDataReader row, int ordinal, FieldType type)
    {
        if (row.IsDBNull(ordinal))
            return null;
        return type switch
        {
            FieldType.Bool => row.GetBoolean(ordinal),
            FieldType.Int32 or FieldType.Int64 or FieldType.Timestamp => row.GetInt64(ordinal),
            FieldType.Date => (long)row.GetFieldValue<DateOnly>(ordinal).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber,
            FieldType.Float64 => row.GetDouble(ordinal),
            FieldType.Decimal => Unscaled(row.GetFieldValue<DuckDBDecimal>(ordinal)),
            _ => row.GetString(ordinal),
        };
    }

    /// <summary>The only value of a buffer.</summary>
    /// <returns>Null for NULL.</returns>
    public static object? Read(ColumnBuffer buffer) => buffer.Count == 0 ? null : buffer switch
    {
        FixedColumnBuffer<bool> bools => bools.Values[0],
        FixedColumnBuffer<int> ints => (long)ints.Values[0],
        FixedColumnBuffer<long> longs => longs.Values[0],
        FixedColumnBuffer<Int128> wides => wides.Values[0],
        FixedColumnBuffer<double> doubles => doubles.Values[0],
        BytesColumnBuffer texts => Encoding.UTF8.GetString(texts[0]),
        _ => throw new InvalidOperationException($"{buffer.GetType().Name} holds no value of a key."),
    };

    /// <summary>The text of the field's value in an address.</summary>
    /// <exception cref="TerminalException"><c>InvalidKey</c>: it is not of the field's type.</exception>
    public static string Normalize(FieldDefinition field, string text)
    {
        var column = StoredColumn.Of(field);
        var bare = new FieldDefinition { Name = field.Name, Type = field.Type, Precision = field.Precision, Scale = field.Scale };
        var parser = ValueParser.Create(bare, column, TimeZoneInfo.Utc);
        using var buffer = column.CreateBuffer(1);
        parser.Bind(buffer);
        if (parser.Append(Encoding.UTF8.GetBytes(text)) != RowRule.None || Read(buffer) is not { } value)
            throw new TerminalException(FailureKind.Invalid, "InvalidKey", $"The key in the address has a value for '{field.Name}' that is not {RuleMessage.Describe(column)}.", "key");
        return Text(field, value);
    }

    /// <summary>The same text for equal values.</summary>
    public static string Text(FieldDefinition field, object value) => (field.Type, value) switch
    {
        (FieldType.Bool, bool flag) => flag ? "true" : "false",
        (FieldType.Date, long days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (FieldType.Timestamp, long micros) => Instant(micros),
        (FieldType.Decimal, long unscaled) => DecimalText.Format(unscaled, field.Scale),
        (FieldType.Decimal, Int128 unscaled) => DecimalText.Format(unscaled, field.Scale),
        (_, double number) => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A text that sorts, ordinally, as values of its type do. Times of day are such texts.</summary>
    public static string Order(object value) => value switch
    {
        long number => Sortable(number),
        Int128 number => Sortable(number),
        double number => ((ulong)BitConverter.DoubleToInt64Bits(number + 0.0) is var bits && (bits >> 63) == 1 ? ~bits : bits | (1UL << 63)).ToString("x16", CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private static string Sortable(Int128 number) => ((UInt128)number ^ (UInt128.One << 127)).ToString("x32", CultureInfo.InvariantCulture);

    private static string Instant(long micros)
    {
        var instant = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return instant.ToString(
            micros % MicrosPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    private static Int128 Unscaled(DuckDBDecimal number) => (Int128)(((BigInteger)number.Value.Upper << 64) | number.Value.Lower);
}
