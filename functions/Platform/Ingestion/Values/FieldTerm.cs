using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>Reads a field of the newest row out of its column's buffer.</summary>
/// <typeparam name="TStored">What the buffer holds.</typeparam>
internal sealed class FieldTerm<TStored, T>(ColumnSlot slot, TermType type, Func<TStored, T> widen) : TypedTerm<T>(type)
    where TStored : unmanaged, IComparable<TStored>
{
    public override bool TryGet(RowFault fault, out T value)
    {
        var buffer = (FixedColumnBuffer<TStored>)slot.Buffer;
        var present = !buffer.IsNull(buffer.Rows - 1);
        value = present ? widen(buffer.Values[^1]) : default!;
        return present;
    }
}
