namespace DataPlatform.Ingestion.Expressions;

/// <summary>IS NULL and IS NOT NULL.</summary>
internal sealed class NullTestTerm<T>(TypedTerm<T> operand, bool isNull) : TypedTerm<bool>(TermType.Bool)
{
    public override bool TryGet(RowFault fault, out bool value)
    {
        value = operand.TryGet(fault, out _) != isNull;
        return !fault.IsSet;
    }
}
