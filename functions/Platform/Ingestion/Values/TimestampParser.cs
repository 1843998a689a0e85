using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Instants in ISO 8601 with up to microseconds. Those without an offset are of the contract's zone: a time that its clocks
/// skip is refused, of one that they show twice the first is taken.</summary>
internal sealed class TimestampParser(FieldDefinition field, TimeZoneInfo zone) : ValueParser
{
    private const long MicrosPerHour = 3600 * DateText.MicrosPerSecond;
    private const long Invalid = long.MinValue;

    private readonly long _minimum = Bound(field.Min) ?? DateText.FirstMicros;
    private readonly long _maximum = Bound(field.Max) ?? DateText.LastMicros;
    private readonly DateReader? _reader = DateReader.Of(field);
    private readonly bool _isUtc = zone.HasSameRules(TimeZoneInfo.Utc);
    private FixedColumnBuffer<long> _buffer = null!;
    private long _knownQuarter = Invalid;
    private long _knownOffset;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<long>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        (_reader is null ? DateText.TryParseTimestamp(text, out var micros, out var hasOffset) : _reader.TryRead(text, out micros, out hasOffset))
            ? AppendTimestamp(micros, hasOffset)
            : RowRule.Type;

    /// <summary>Numbers are moments only where <c>formats</c> say so: <c>unix</c>.</summary>
    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) =>
        _reader is not null && _reader.TryRead(number, out var micros, out var isUtc) ? AppendTimestamp(micros, isUtc) : RowRule.Type;

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

        if (micros < _minimum)
            return RowRule.Min;
        if (micros > _maximum)
            return RowRule.Max;
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

    private static long? Bound(FieldBound? bound) =>
        bound is { } value && DateText.TryParseTimestamp(Encoding.UTF8.GetBytes(value.Text), out var micros, out _) ? micros : null;
}
