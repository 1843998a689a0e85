using System.Buffers;

namespace DataPlatform.Ingestion.Values;

/// <summary>Values of a field that the contract does not know, kept as text: strings as they are, other JSON values as compact JSON.</summary>
internal sealed class EvolvedTextParser : ValueParser
{
    private readonly ArrayBufferWriter<byte> _text = new();
    private BytesColumnBuffer _buffer = null!;

    public override bool EmptyIsNull => false;

    public override bool IsText => true;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        _buffer.Append(text);
        return RowRule.None;
    }

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => Append(number);

    public override RowRule AppendBool(bool value) => Append(value ? "true"u8 : "false"u8);

    public override RowRule AppendJsonValue(ReadOnlySpan<byte> json)
    {
        _text.ResetWrittenCount();
        return JsonParser.TryWriteCompact(json, _text) ? Append(_text.WrittenSpan) : RowRule.Json;
    }
}
