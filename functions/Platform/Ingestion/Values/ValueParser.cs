using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>
/// Checks values of one field and puts the good ones into the field's buffer, without an allocation for each. Every method that
/// appends says which rule the value breaks; only with <see cref="RowRule.None"/> the buffer has one row more.
/// Conversions keep the value or fail: no rounding, no truncation, no guessing.
/// </summary>
internal abstract class ValueParser
{
    /// <summary>Whether an empty quoted text stands for no value; for texts it is a value.</summary>
    public virtual bool EmptyIsNull => true;

    /// <summary>Whether it takes any text; binaries are then read as texts.</summary>
    public virtual bool IsText => false;

    /// <param name="column">The type the values are kept in; it differs from the field's when a table's column came first.</param>
    public static ValueParser Create(FieldDefinition field, StoredColumn column, TimeZoneInfo zone) => column.Type switch
    {
        FieldType.Bool => new BoolParser(),
        FieldType.Int32 => new Int32Parser(field),
        FieldType.Int64 => new Int64Parser(field),
        FieldType.Float64 => new FloatParser(field),
        FieldType.Decimal when column.Precision <= 18 => new NarrowDecimalParser(field, column),
        FieldType.Decimal => new WideDecimalParser(field, column),
        FieldType.Date => new DateParser(field),
        FieldType.Time => new TimeParser(field),
        FieldType.Timestamp => new TimestampParser(field, zone),
        FieldType.Uuid => new UuidParser(),
        FieldType.Binary => new BinaryParser(field),
        FieldType.Json => new JsonParser(),
        _ => new TextParser(field),
    };

    /// <summary>Sets the buffer that takes the values from now on.</summary>
    public abstract void Bind(ColumnBuffer buffer);

    /// <summary>A value as CSV has it, unquoted.</summary>
    public abstract RowRule Append(ReadOnlySpan<byte> text);

    /// <summary>The content of a JSON string.</summary>
    public virtual RowRule AppendJsonString(ReadOnlySpan<byte> text) => Append(text);

    /// <summary>A JSON number as it was written.</summary>
    public virtual RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => RowRule.Type;

    /// <summary>A whole JSON object or array.</summary>
    public virtual RowRule AppendJsonValue(ReadOnlySpan<byte> json) => RowRule.Type;

    public virtual RowRule AppendBool(bool value) => RowRule.Type;

    public virtual RowRule AppendInteger(long value) => RowRule.Type;

    public virtual RowRule AppendDouble(double value) => RowRule.Type;

    public virtual RowRule AppendDecimal(Int128 unscaled, int scale) => RowRule.Type;

    /// <param name="days">Since 1970-01-01.</param>
    public virtual RowRule AppendDate(int days) => RowRule.Type;

    /// <param name="micros">Since midnight.</param>
    public virtual RowRule AppendTime(long micros) => RowRule.Type;

    /// <param name="micros">Since 1970, in UTC or as the clock of the contract's zone showed.</param>
    public virtual RowRule AppendTimestamp(long micros, bool isUtc) => RowRule.Type;

    public virtual RowRule AppendBytes(ReadOnlySpan<byte> value) => RowRule.Type;
}
