namespace DataPlatform.Ingestion.Expressions;

/// <summary>IS DISTINCT FROM and IS NOT DISTINCT FROM: nulls are equal to each other.</summary>
internal sealed class DistinctTerm<T>(TypedTerm<T> left, TypedTerm<T> right, Comparison<T> comparison, bool distinct) : TypedTerm<bool>(TermType.Bool)
{
    public override bool TryGet(RowFault fault, out bool value)
    {
        value = false;
        var hasLeft = left.TryGet(fault, out var first);
        if (fault.IsSet)
            return false;
        var hasRight = right.TryGet(fault, out var second);
        if (fault.IsSet)
            return false;
        var equal = hasLeft == hasRight && (!hasLeft || comparison(first, second) == 0);
        value = equal != distinct;
        return true;
    }
}
