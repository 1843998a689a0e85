using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Exact decimals; digits that would be lost make the value no decimal of this type.</summary>
internal abstract class DecimalParser(FieldDefinition field, StoredColumn column) : ValueParser
{
    private readonly Int128? _minimum = DecimalText.Bound(field.Min, column.Scale, isMinimum: true);
    private readonly Int128? _maximum = DecimalText.Bound(field.Max, column.Scale, isMinimum: false);
    private readonly HashSet<Int128>? _choice = DecimalText.Choice(field.Enum, column.Scale);

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        DecimalText.TryParse(text, column.Precision, column.Scale, out var unscaled) ? AppendChecked(unscaled) : RowRule.Type;

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => Append(number);

    public override RowRule AppendInteger(long value) => AppendDecimal(value, 0);

    public override RowRule AppendDecimal(Int128 unscaled, int scale)
    {
        if (scale < column.Scale)
        {
            var power = DecimalText.Powers[column.Scale - scale];
            if (unscaled > DecimalText.Powers[38] / power || unscaled < -DecimalText.Powers[38] / power)
                return RowRule.Type;
            unscaled *= power;
        }
        else if (scale > column.Scale)
        {
            (unscaled, var rest) = Int128.DivRem(unscaled, DecimalText.Powers[scale - column.Scale]);
            if (rest != 0)
                return RowRule.Type;
        }

        return DecimalText.Fits(unscaled, column.Precision) ? AppendChecked(unscaled) : RowRule.Type;
    }

    protected abstract void Store(Int128 unscaled);

    private RowRule AppendChecked(Int128 unscaled)
    {
        if (unscaled < _minimum)
            return RowRule.Min;
        if (unscaled > _maximum)
            return RowRule.Max;
        if (_choice?.Contains(unscaled) == false)
            return RowRule.Enum;
        Store(unscaled);
        return RowRule.None;
    }
}
