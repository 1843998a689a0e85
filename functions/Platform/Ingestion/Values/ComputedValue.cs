using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>A computed field whose values are held as <typeparamref name="T"/>.</summary>
internal sealed class ComputedValue<T>(ColumnSlot slot, TypedTerm<T> term, Func<ValueParser, T, RowRule> append) : ComputedField(slot)
{
    private readonly TextScratch _text = new();
    private T _value = default!;
    private bool _hasValue;

    public override void Compute(RowFault fault)
    {
        _hasValue = term.TryGet(fault, out _value);

        // A text may lie in a column's buffer, where it is soon overwritten.
        if (_hasValue && _value is ReadOnlyMemory<byte> text)
            _value = (T)(object)_text.Put(text.Span);
    }

    public override RowRule Store()
    {
        Slot.Buffer.RemoveLast();
        var rule = _hasValue ? append(Slot.Result, _value) : RowRule.Required;
        if (rule == RowRule.None)
            return rule;
        Slot.Buffer.AppendNull();
        return _hasValue ? rule : RowRule.None;
    }
}
