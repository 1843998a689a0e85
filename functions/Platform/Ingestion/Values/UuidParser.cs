using System.Buffers.Text;

namespace DataPlatform.Ingestion.Values;

/// <summary>UUIDs of 36 characters, kept in lower case.</summary>
internal sealed class UuidParser : ValueParser
{
    private const int Length = 36;
    private BytesColumnBuffer _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        if (text.Length != Length || !Utf8Parser.TryParse(text, out Guid value, out var consumed, 'D') || consumed != Length)
            return RowRule.Type;

        Utf8Formatter.TryFormat(value, _buffer.Reserve(Length), out _, 'D');
        _buffer.Commit(Length);
        return RowRule.None;
    }

    /// <summary>The 16 bytes of Parquet's UUID, big-endian.</summary>
    public override RowRule AppendBytes(ReadOnlySpan<byte> value)
    {
        if (value.Length != 16)
            return RowRule.Type;

        Utf8Formatter.TryFormat(new Guid(value, bigEndian: true), _buffer.Reserve(Length), out _, 'D');
        _buffer.Commit(Length);
        return RowRule.None;
    }
}
