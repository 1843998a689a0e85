using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Whole numbers of 64 bits.</summary>
internal sealed class Int64Parser(FieldDefinition field) : ValueParser
{
    private readonly (long Minimum, long Maximum) _bounds = IntegerText.Bounds(field.Min, field.Max);
    private readonly HashSet<Int128>? _choice = DecimalText.Choice(field.Enum, 0);
    private FixedColumnBuffer<long> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<long>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        IntegerText.TryParse(text, out var value) ? AppendInteger(value) : RowRule.Type;

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text) => RowRule.Type;

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => Append(number);

    public override RowRule AppendInteger(long value)
    {
        if (value < _bounds.Minimum)
            return RowRule.Min;
        if (value > _bounds.Maximum)
            return RowRule.Max;
        if (_choice?.Contains(value) == false)
            return RowRule.Enum;
        _buffer.Append(value);
        return RowRule.None;
    }

    public override RowRule AppendDouble(double value) =>
        double.IsInteger(value) && value is >= -9223372036854775808.0 and < 9223372036854775808.0
            ? AppendInteger((long)value)
            : RowRule.Type;

    public override RowRule AppendDecimal(Int128 unscaled, int scale)
    {
        var (whole, rest) = Int128.DivRem(unscaled, DecimalText.Powers[scale]);
        return rest == 0 && whole >= long.MinValue && whole <= long.MaxValue ? AppendInteger((long)whole) : RowRule.Type;
    }
}
