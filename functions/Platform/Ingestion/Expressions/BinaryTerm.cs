namespace DataPlatform.Ingestion.Expressions;

/// <summary>A function of two values; a null among them gives null.</summary>
internal sealed class BinaryTerm<TLeft, TRight, T>(
    TermType type, TypedTerm<TLeft> left, TypedTerm<TRight> right, BinaryTerm<TLeft, TRight, T>.Function function) : TypedTerm<T>(type)
{
    /// <returns>False for null, and when the fault was set.</returns>
    public delegate bool Function(TLeft left, TRight right, RowFault fault, out T result);

    public override bool TryGet(RowFault fault, out T value)
    {
        if (left.TryGet(fault, out var first) && right.TryGet(fault, out var second))
            return function(first, second, fault, out value);
        value = default!;
        return false;
    }
}
