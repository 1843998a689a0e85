namespace DataPlatform.Ingestion.Expressions;

/// <summary>NULLIF: null when both are equal, else the first.</summary>
internal sealed class NullIfTerm<T, TCompared>(
    TypedTerm<T> operand, TypedTerm<TCompared> left, TypedTerm<TCompared> right, Comparison<TCompared> comparison) : TypedTerm<T>(operand.Type)
{
    public override bool TryGet(RowFault fault, out T value)
    {
        value = default!;
        var equal = left.TryGet(fault, out var first) && right.TryGet(fault, out var second) && comparison(first, second) == 0;
        return !fault.IsSet && !equal && operand.TryGet(fault, out value);
    }
}
