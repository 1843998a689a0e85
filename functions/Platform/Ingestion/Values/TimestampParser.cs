namespace DataPlatform.Ingestion.Values;

/// <summary>Instants in ISO 8601 with up to microseconds. Those without an offset are of the contract's zone: a time that its clocks
/// skip is refused, of one that they show twice the first is taken.</summary>
internal sealed class TimestampParser(TimeZoneInfo zone) : ValueParser
{
    private const long MicrosPerHour = 3600 * DateText.MicrosPerSecond;
    private const long Invalid = long.MinValue;

    private readonly bool _isUtc = zone.HasSameRules(TimeZoneInfo.Utc);
    private FixedColumnBuffer<long> _buffer = null!;
    private long _knownQuarter = Invalid;
    private long _knownOffset;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<long>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        DateText.TryParseTimestamp(text, out var micros, out var hasOffset) ? AppendTimestamp(micros, hasOffset) : RowRule.Type;

    public override RowRule AppendDate(int days) =>
        days is < -DateText.UnixEpochDay or > DateText.LastDay ? RowRule.Type : AppendTimestamp(days * DateText.MicrosPerDay, isUtc: false);

    public override RowRule AppendTimestamp(long micros, bool isUtc)
    {
        if (micros is < DateText.FirstMicros or > DateText.LastMicros)
            return RowRule.Type;

        if (!isUtc && !_isUtc)
        {
            var offset = OffsetOf(micros);
            if (offset == Invalid)
                return RowRule.Type;
            micros -= offset;
            if (micros is < DateText.FirstMicros or > DateText.LastMicros)
                return RowRule.Type;
        }

        _buffer.Append(micros);
        return RowRule.None;
    }

    // Zones change their offset at whole quarters of an hour, so the offset is looked up once for each quarter in a row.
    private long OffsetOf(long micros)
    {
        var quarter = (micros - DateText.FirstMicros) / (MicrosPerHour / 4);
        if (quarter == _knownQuarter)
            return _knownOffset;

        var local = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        _knownQuarter = quarter;
        if (zone.IsInvalidTime(local))
            return _knownOffset = Invalid;

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return _knownOffset = offset.Ticks / TimeSpan.TicksPerMicrosecond;
    }
}
