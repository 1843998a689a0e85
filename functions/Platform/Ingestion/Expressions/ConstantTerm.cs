namespace DataPlatform.Ingestion.Expressions;

/// <summary>A literal; without a value NULL.</summary>
internal sealed class ConstantTerm<T> : TypedTerm<T>
{
    private readonly T? _value;
    private readonly bool _hasValue;

    public ConstantTerm(TermType type)
        : base(type)
    {
    }

    public ConstantTerm(TermType type, T value)
        : base(type) => (_value, _hasValue) = (value, true);

    public override bool IsConstant => true;

    public override bool TryGet(RowFault fault, out T value)
    {
        value = _value!;
        return _hasValue;
    }
}
