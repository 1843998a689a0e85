namespace DataPlatform.Ingestion.Expressions;

/// <summary>COALESCE: the first that is not null.</summary>
internal sealed class FirstTerm<T>(TermType type, IReadOnlyList<TypedTerm<T>> items) : TypedTerm<T>(type)
{
    public override bool TryGet(RowFault fault, out T value)
    {
        foreach (var item in items)
        {
            if (item.TryGet(fault, out value))
                return true;
            if (fault.IsSet)
                return false;
        }

        value = default!;
        return false;
    }
}
