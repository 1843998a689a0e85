namespace DataPlatform.Ingestion.Expressions;

/// <summary>A function of three values; a null among them gives null.</summary>
internal sealed class TernaryTerm<T1, T2, T3, T>(
    TermType type, TypedTerm<T1> first, TypedTerm<T2> second, TypedTerm<T3> third, TernaryTerm<T1, T2, T3, T>.Function function) : TypedTerm<T>(type)
{
    /// <returns>False for null, and when the fault was set.</returns>
    public delegate bool Function(T1 first, T2 second, T3 third, RowFault fault, out T result);

    public override bool TryGet(RowFault fault, out T value)
    {
        if (first.TryGet(fault, out var one) && second.TryGet(fault, out var two) && third.TryGet(fault, out var three))
            return function(one, two, three, fault, out value);
        value = default!;
        return false;
    }
}
