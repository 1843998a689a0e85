namespace DataPlatform.Ingestion.Expressions;

/// <summary>AND and OR in three-valued logic. Stops at the first operand that decides.</summary>
/// <param name="decides">The value that decides: false for AND, true for OR.</param>
internal sealed class LogicTerm(IReadOnlyList<TypedTerm<bool>> operands, bool decides) : TypedTerm<bool>(TermType.Bool)
{
    public override bool TryGet(RowFault fault, out bool value)
    {
        var unknown = false;
        foreach (var operand in operands)
        {
            if (operand.TryGet(fault, out value))
            {
                if (value == decides)
                    return true;
            }
            else if (fault.IsSet)
            {
                return false;
            }
            else
            {
                unknown = true;
            }
        }

        value = !decides;
        return !unknown;
    }
}
