using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>Contract fields as expressions see them.</summary>
internal static class FieldTerms
{
    /// <summary>The word that stands for a field's own value in its expression.</summary>
    public const string Value = "value";

    /// <param name="own">The field that <see cref="Value"/> stands for; null in checks.</param>
    public static IReadOnlyList<ExpressionColumn> Of(IReadOnlyList<ColumnSlot> slots, ColumnSlot? own)
    {
        var columns = slots
            .Where(slot => own is null || !slot.Field.Name.Equals(Value, StringComparison.OrdinalIgnoreCase))
            .Select(slot => new ExpressionColumn(slot.Field.Name, Of(slot)));
        return own is null ? [.. columns] : [.. columns, new ExpressionColumn(Value, Of(own))];
    }

    private static Term? Of(ColumnSlot slot) => TermType.Of(slot.Column) is not { } type ? null : slot.Column.Type switch
    {
        FieldType.Bool => new FieldTerm<bool, bool>(slot, type, static value => value),
        FieldType.Int32 or FieldType.Date => new FieldTerm<int, long>(slot, type, static value => value),
        FieldType.Int64 or FieldType.Timestamp => new FieldTerm<long, long>(slot, type, static value => value),
        FieldType.Float64 => new FieldTerm<double, double>(slot, type, static value => value),
        FieldType.Decimal when slot.Column.Precision <= 18 => new FieldTerm<long, Int128>(slot, type, static value => value),
        FieldType.Decimal => new FieldTerm<Int128, Int128>(slot, type, static value => value),
        _ => new TextFieldTerm(slot),
    };
}
