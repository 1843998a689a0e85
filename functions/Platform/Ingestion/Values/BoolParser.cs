using System.Text;

namespace DataPlatform.Ingestion.Values;

/// <summary><c>true</c> or <c>false</c> in any case; no 0, 1 or yes.</summary>
internal sealed class BoolParser : ValueParser
{
    private FixedColumnBuffer<bool> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<bool>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        if (Ascii.EqualsIgnoreCase(text, "true"u8))
            return AppendBool(true);
        return Ascii.EqualsIgnoreCase(text, "false"u8) ? AppendBool(false) : RowRule.Type;
    }

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text) => RowRule.Type;

    public override RowRule AppendBool(bool value)
    {
        _buffer.Append(value);
        return RowRule.None;
    }
}
