namespace DataPlatform.Ingestion.Values;

/// <summary>Calendar days <c>yyyy-MM-dd</c>.</summary>
internal sealed class DateParser : ValueParser
{
    private FixedColumnBuffer<int> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<int>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        DateText.TryParseDate(text, out var days) ? AppendDate(days) : RowRule.Type;

    public override RowRule AppendDate(int days)
    {
        if (days is < -DateText.UnixEpochDay or > DateText.LastDay)
            return RowRule.Type;
        _buffer.Append(days);
        return RowRule.None;
    }

    public override RowRule AppendTimestamp(long micros, bool isUtc) =>
        micros % DateText.MicrosPerDay == 0 ? AppendDate((int)(micros / DateText.MicrosPerDay)) : RowRule.Type;
}
