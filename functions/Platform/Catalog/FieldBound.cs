using System.Globalization;

namespace DataPlatform.Catalog;

/// <summary>A bound of a field's values as documents write it: a number with all its digits, or a date, timestamp or time as text.</summary>
public readonly record struct FieldBound(string Text)
{
    public static implicit operator FieldBound(decimal number) => new(number.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => Text;
}
