namespace DataPlatform.Ingestion.Expressions;

/// <summary>TRY_CAST: what cannot be cast is null. Faults of the operand itself stay faults.</summary>
internal sealed class TryTerm<TOperand, T>(TypedTerm<TOperand> operand, UnaryTerm<TOperand, T>.Function cast, TermType type) : TypedTerm<T>(type)
{
    private readonly RowFault _ignored = new();

    public override bool TryGet(RowFault fault, out T value)
    {
        value = default!;
        if (!operand.TryGet(fault, out var given))
            return false;
        _ignored.Clear();
        return cast(given, _ignored, out value);
    }
}
