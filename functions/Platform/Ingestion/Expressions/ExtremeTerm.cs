namespace DataPlatform.Ingestion.Expressions;

/// <summary>GREATEST and LEAST; nulls are passed over.</summary>
internal sealed class ExtremeTerm<T>(TermType type, IReadOnlyList<TypedTerm<T>> items, Comparison<T> comparison, int sign) : TypedTerm<T>(type)
{
    public override bool TryGet(RowFault fault, out T value)
    {
        value = default!;
        var found = false;
        foreach (var item in items)
        {
            if (item.TryGet(fault, out var candidate))
            {
                if (!found || comparison(candidate, value) * sign > 0)
                    value = candidate;
                found = true;
            }
            else if (fault.IsSet)
            {
                return false;
            }
        }

        return found;
    }
}
