using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>Reads a text of the newest row out of its column's buffer.</summary>
internal sealed class TextFieldTerm(ColumnSlot slot) : TypedTerm<ReadOnlyMemory<byte>>(TermType.Text)
{
    public override bool TryGet(RowFault fault, out ReadOnlyMemory<byte> value)
    {
        var buffer = (BytesColumnBuffer)slot.Buffer;
        var present = !buffer.IsNull(buffer.Rows - 1);
        value = present ? buffer.Last : default;
        return present;
    }
}
