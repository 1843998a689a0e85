using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>A field whose value an expression gives. All of a row's expressions are computed before any result takes its place.</summary>
internal abstract class ComputedField(ColumnSlot slot)
{
    public ColumnSlot Slot { get; } = slot;

    public static ComputedField Create(ColumnSlot slot, Term term) => term switch
    {
        TypedTerm<bool> bools => new ComputedValue<bool>(slot, bools, static (parser, value) => parser.AppendBool(value)),
        TypedTerm<double> floats => new ComputedValue<double>(slot, floats, static (parser, value) => parser.AppendDouble(value)),
        TypedTerm<Int128> decimals => new ComputedValue<Int128>(slot, decimals, (parser, value) => parser.AppendDecimal(value, slot.Column.Scale)),
        TypedTerm<ReadOnlyMemory<byte>> texts => new ComputedValue<ReadOnlyMemory<byte>>(slot, texts, static (parser, value) => parser.Append(value.Span)),
        TypedTerm<long> { Type.Kind: TermKind.Date } days => new ComputedValue<long>(slot, days, static (parser, value) => parser.AppendDate((int)value)),
        TypedTerm<long> { Type.Kind: TermKind.Timestamp } moments =>
            new ComputedValue<long>(slot, moments, static (parser, value) => parser.AppendTimestamp(value, isUtc: true)),
        _ => new ComputedValue<long>(slot, (TypedTerm<long>)term, static (parser, value) => parser.AppendInteger(value)),
    };

    /// <summary>Computes the value and holds it.</summary>
    public abstract void Compute(RowFault fault);

    /// <summary>Puts the value in place of the one that was read.</summary>
    /// <returns>The rule it breaks; then the column has a null.</returns>
    public abstract RowRule Store();
}
