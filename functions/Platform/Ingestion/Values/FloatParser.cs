using System.Globalization;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Finite numbers of 64 bits; what overflows is no number.</summary>
internal sealed class FloatParser(FieldDefinition field) : ValueParser
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private readonly double _minimum = Bound(field.Min) ?? double.MinValue;
    private readonly double _maximum = Bound(field.Max) ?? double.MaxValue;
    private readonly HashSet<double>? _choice =
        field.Enum is null ? null : [.. field.Enum.Select(value => double.Parse(value, Style, CultureInfo.InvariantCulture))];

    private FixedColumnBuffer<double> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<double>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) ? AppendDouble(value) : RowRule.Type;

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text) => RowRule.Type;

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => Append(number);

    public override RowRule AppendDouble(double value)
    {
        if (!double.IsFinite(value))
            return RowRule.Type;
        if (value < _minimum)
            return RowRule.Min;
        if (value > _maximum)
            return RowRule.Max;
        if (_choice?.Contains(value) == false)
            return RowRule.Enum;
        _buffer.Append(value);
        return RowRule.None;
    }

    public override RowRule AppendInteger(long value) =>
        value is >= -(1L << 53) and <= 1L << 53 ? AppendDouble(value) : RowRule.Type;

    // Decimals of up to 15 digits survive the way to a double and back.
    public override RowRule AppendDecimal(Int128 unscaled, int scale) => DecimalText.Fits(unscaled, 15)
        ? AppendDouble(double.Parse(DecimalText.Format(unscaled, scale), CultureInfo.InvariantCulture))
        : RowRule.Type;

    private static double? Bound(FieldBound? bound) =>
        bound is { } value ? double.Parse(value.Text, Style, CultureInfo.InvariantCulture) : null;
}
