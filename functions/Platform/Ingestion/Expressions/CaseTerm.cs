namespace DataPlatform.Ingestion.Expressions;

/// <summary>CASE: the result of the first condition that is true.</summary>
internal sealed class CaseTerm<T>(TermType type, IReadOnlyList<(TypedTerm<bool> When, TypedTerm<T> Then)> cases, TypedTerm<T> otherwise) : TypedTerm<T>(type)
{
    public override bool TryGet(RowFault fault, out T value)
    {
        foreach (var (when, then) in cases)
        {
            if (when.TryGet(fault, out var holds) && holds)
                return then.TryGet(fault, out value);
            if (!fault.IsSet)
                continue;
            value = default!;
            return false;
        }

        return otherwise.TryGet(fault, out value);
    }
}
