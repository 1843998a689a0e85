namespace DataPlatform.Ingestion.Values;

/// <summary>Times of day <c>HH:mm[:ss[.ffffff]]</c>, kept as text <c>HH:mm:ss[.ffffff]</c>.</summary>
internal sealed class TimeParser : ValueParser
{
    private BytesColumnBuffer _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        DateText.TryParseTime(text, out var micros, out var length) && length == text.Length ? AppendTime(micros) : RowRule.Type;

    public override RowRule AppendTime(long micros)
    {
        if (micros is < 0 or >= DateText.MicrosPerDay)
            return RowRule.Type;
        _buffer.Commit(DateText.FormatTime(micros, _buffer.Reserve(15)));
        return RowRule.None;
    }
}
