using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Tables;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Ingestion.Values;

/// <summary>How a field is kept: its Delta type, its Parquet type and the buffer that collects it. Every column is nullable, so
/// that a contract may loosen a rule without rewriting its table.</summary>
internal sealed record StoredColumn(string Name, FieldType Type, int Precision = 0, int Scale = 0)
{
    /// <summary>The name by which rows have <see cref="Event"/> that are read again; senders' rows have no way to it.</summary>
    public const string EventInput = "\0" + SystemColumns.Event;

    public static readonly StoredColumn Batch = new(SystemColumns.Batch, FieldType.String);
    public static readonly StoredColumn Row = new(SystemColumns.Row, FieldType.Int64);
    public static readonly StoredColumn IngestedAt = new(SystemColumns.IngestedAt, FieldType.Timestamp);

    public static readonly StoredColumn Partition = new(SystemColumns.Partition, FieldType.String);
    public static readonly StoredColumn Sequence = new(SystemColumns.Sequence, FieldType.Int64);
    public static readonly StoredColumn EnqueuedAt = new(SystemColumns.EnqueuedAt, FieldType.Timestamp);

    public static readonly StoredColumn Event = new(SystemColumns.Event, FieldType.String);

    public TableColumn TableColumn => new(Name, FieldTypeName.InTables(Type, Precision, Scale));

    private bool IsText => Type is FieldType.String or FieldType.Time or FieldType.Uuid or FieldType.Json;

    public static StoredColumn Of(FieldDefinition field) => new(field.Name, field.Type, field.Precision, field.Scale);

    /// <summary>The column that a table has already, with the type its values must take.</summary>
    public static StoredColumn Of(TableColumn column)
    {
        if (column.Type.StartsWith("decimal(", StringComparison.Ordinal))
        {
            var parts = column.Type[8..^1].Split(',');
            return new StoredColumn(column.Name, FieldType.Decimal,
                int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        return new StoredColumn(column.Name, column.Type switch
        {
            "boolean" => FieldType.Bool,
            "integer" or "short" or "byte" => FieldType.Int32,
            "long" => FieldType.Int64,
            "double" or "float" => FieldType.Float64,
            "date" => FieldType.Date,
            "timestamp" => FieldType.Timestamp,
            "binary" => FieldType.Binary,
            _ => FieldType.String,
        });
    }

    public ColumnBuffer CreateBuffer(int maxRows) => Type switch
    {
        FieldType.Bool => new FixedColumnBuffer<bool>(maxRows),
        FieldType.Int32 or FieldType.Date => new FixedColumnBuffer<int>(maxRows),
        FieldType.Int64 or FieldType.Timestamp => new FixedColumnBuffer<long>(maxRows),
        FieldType.Float64 => new FixedColumnBuffer<double>(maxRows),
        FieldType.Decimal when Precision <= 18 => new FixedColumnBuffer<long>(maxRows),
        FieldType.Decimal => new WideDecimalColumnBuffer(maxRows),
        _ => new BytesColumnBuffer(maxRows, IsText),
    };

    public Node CreateNode()
    {
        var (physical, logical, width) = Type switch
        {
            FieldType.Bool => (PhysicalType.Boolean, LogicalType.None(), -1),
            FieldType.Int32 => (PhysicalType.Int32, LogicalType.Int(32, true), -1),
            FieldType.Int64 => (PhysicalType.Int64, LogicalType.Int(64, true), -1),
            FieldType.Float64 => (PhysicalType.Double, LogicalType.None(), -1),
            FieldType.Date => (PhysicalType.Int32, LogicalType.Date(), -1),
            FieldType.Timestamp => (PhysicalType.Int64, LogicalType.Timestamp(true, TimeUnit.Micros), -1),
            FieldType.Decimal when Precision <= 18 => (PhysicalType.Int64, LogicalType.Decimal(Precision, Scale), -1),
            FieldType.Decimal =>
                (PhysicalType.FixedLenByteArray, LogicalType.Decimal(Precision, Scale), WideDecimalColumnBuffer.Width),
            FieldType.Binary => (PhysicalType.ByteArray, LogicalType.None(), -1),
            _ => (PhysicalType.ByteArray, LogicalType.String(), -1),
        };
        using (logical)
            return new PrimitiveNode(Name, Repetition.Optional, logical, physical, width);
    }

    /// <summary>A value as Delta's <c>stats</c> have it: long texts are cut to 32 characters, upwards when they are a maximum.</summary>
    /// <returns>Null when no bound can be given.</returns>
    public JsonElement? ToStatistic(object value, bool isMaximum)
    {
        switch (value)
        {
            case int days when Type is FieldType.Date:
                return JsonSerializer.SerializeToElement(
                    DateOnly.FromDayNumber(DateText.UnixEpochDay + days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            case long micros when Type is FieldType.Timestamp:
                return JsonSerializer.SerializeToElement(DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            case long unscaled when Type is FieldType.Decimal:
                return Number(DecimalText.Format(unscaled, Scale));
            case Int128 unscaled:
                return Number(DecimalText.Format(unscaled, Scale));
            case byte[] text:
                return TextStatistic.Bound(text, isMaximum) is { } bound ? JsonSerializer.SerializeToElement(bound) : null;
            case int number:
                return JsonSerializer.SerializeToElement(number);
            case long number:
                return JsonSerializer.SerializeToElement(number);
            case double number:
                return JsonSerializer.SerializeToElement(number);
            default:
                return null;
        }
    }

    private static JsonElement Number(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
