namespace DataPlatform.Ingestion.Expressions;

/// <summary>A function of one value; null gives null.</summary>
internal sealed class UnaryTerm<TArgument, T>(TermType type, TypedTerm<TArgument> argument, UnaryTerm<TArgument, T>.Function function) : TypedTerm<T>(type)
{
    /// <returns>False for null, and when the fault was set.</returns>
    public delegate bool Function(TArgument argument, RowFault fault, out T result);

    public override bool TryGet(RowFault fault, out T value)
    {
        if (argument.TryGet(fault, out var given))
            return function(given, fault, out value);
        value = default!;
        return false;
    }
}
