using System.Buffers;
using System.Globalization;
using System.Numerics;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Serving;

/// <summary>What the writers of all formats share: the kinds of columns and the text of values.</summary>
internal static class Cells
{
    /// <summary>Longest text of a date or timestamp.</summary>
    public const int MaxTimeLength = 32;

    private const int MaxDecimalPrecision = 28;

    public static CellKind KindOf(TableColumn column) => column.Type switch
    {
        "float" => CellKind.Single,
        _ => ValueKinds.Of(column) switch
        {
            ValueKind.Boolean => CellKind.Boolean,
            ValueKind.Integer => CellKind.Int64,
            ValueKind.Double => CellKind.Double,
            ValueKind.Decimal => ValueKinds.DecimalFacets(column).Precision <= MaxDecimalPrecision ? CellKind.Decimal : CellKind.LongDecimal,
            ValueKind.Date => CellKind.Date,
            ValueKind.Timestamp => CellKind.Timestamp,
            ValueKind.Binary => CellKind.Binary,
            _ => CellKind.String,
        },
    };

    /// <summary>ISO 8601 with a <c>Z</c>, and no, three or six decimals as the value needs.</summary>
    /// <returns>0 when the instant lies outside the years 1 to 9999.</returns>
    public static int Timestamp(long micros, Span<byte> target)
    {
        const long Least = -62_135_596_800_000_000;
        const long Most = 253_402_300_799_999_999;
        if (micros is < Least or > Most)
            return 0;

        var instant = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        var format = micros % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'"
            : micros % 1_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"
            : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
        instant.TryFormat(target, out var length, format, CultureInfo.InvariantCulture);
        return length;
    }

    public static int Date(DateOnly day, Span<byte> target)
    {
        day.TryFormat(target, out var length, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return length;
    }

    /// <returns>Whether the value is whole and fits 64 bits, as nearly all do; then <paramref name="whole"/> is it.</returns>
    public static bool TryWhole(DuckDBDecimal number, out long whole)
    {
        whole = unchecked((long)number.Value.Lower);
        return number.Scale == 0 && ((number.Value.Upper == 0 && whole >= 0) || (number.Value.Upper == -1 && whole < 0));
    }

    /// <summary>All digits of a decimal too long for .NET's.</summary>
    public static string LongDecimal(DuckDBDecimal number)
    {
        var unscaled = ((BigInteger)number.Value.Upper << 64) | number.Value.Lower;
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(number.Scale + 1, '0');
        var sign = unscaled.Sign < 0 ? "-" : "";
        return number.Scale == 0 ? sign + digits : $"{sign}{digits[..^number.Scale]}.{digits[^number.Scale..]}";
    }

    /// <summary>A number's digits.</summary>
    /// <param name="kind">Whole or decimal.</param>
    public static string NumberText(DuckDBDataReader reader, int ordinal, CellKind kind) => kind switch
    {
        CellKind.Int64 => reader.GetInt64(ordinal).ToString(CultureInfo.InvariantCulture),
        CellKind.Decimal => reader.GetDecimal(ordinal).ToString(CultureInfo.InvariantCulture),
        _ => LongDecimal(reader.GetFieldValue<DuckDBDecimal>(ordinal)),
    };

    /// <summary>The value's bytes in a rented array, to be given back.</summary>
    public static (byte[] Rented, int Length) Binary(DuckDBDataReader reader, int ordinal)
    {
        using var stream = reader.GetStream(ordinal);
        var length = checked((int)stream.Length);
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        stream.ReadExactly(rented.AsSpan(0, length));
        return (rented, length);
    }
}
