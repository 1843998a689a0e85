namespace DataPlatform.Ingestion.Expressions;

/// <summary>IN and NOT IN over a list.</summary>
internal sealed class InTerm<T>(TypedTerm<T> operand, IReadOnlyList<TypedTerm<T>> items, Comparison<T> comparison, bool negated)
    : TypedTerm<bool>(TermType.Bool)
{
    public override bool TryGet(RowFault fault, out bool value)
    {
        value = negated;
        if (!operand.TryGet(fault, out var given))
            return false;

        var unknown = false;
        foreach (var item in items)
        {
            if (item.TryGet(fault, out var candidate))
            {
                if (comparison(given, candidate) != 0)
                    continue;
                value = !negated;
                return true;
            }

            if (fault.IsSet)
                return false;
            unknown = true;
        }

        return !unknown;
    }
}
