using System.Buffers;
using System.Buffers.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Bytes, in text formats as Base64. Length rules count bytes.</summary>
internal sealed class BinaryParser(FieldDefinition field) : ValueParser
{
    private BytesColumnBuffer _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        var target = _buffer.Reserve(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        return Base64.DecodeFromUtf8(text, target, out _, out var written) == OperationStatus.Done ? Commit(written) : RowRule.Type;
    }

    public override RowRule AppendBytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_buffer.Reserve(value.Length));
        return Commit(value.Length);
    }

    private RowRule Commit(int length)
    {
        if (length < field.MinLength)
            return RowRule.MinLength;
        if (length > field.MaxLength)
            return RowRule.MaxLength;
        _buffer.Commit(length);
        return RowRule.None;
    }
}
