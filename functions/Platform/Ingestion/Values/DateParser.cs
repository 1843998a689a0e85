using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Calendar days <c>yyyy-MM-dd</c>.</summary>
internal sealed class DateParser(FieldDefinition field) : ValueParser
{
    private readonly int _minimum = Bound(field.Min) ?? -DateText.UnixEpochDay;
    private readonly int _maximum = Bound(field.Max) ?? DateText.LastDay;
    private readonly DateReader? _reader = DateReader.Of(field);
    private FixedColumnBuffer<int> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<int>)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        _reader is null
            ? DateText.TryParseDate(text, out var days) ? AppendDate(days) : RowRule.Type
            : _reader.TryRead(text, out var micros, out _) ? AppendDate((int)(micros / DateText.MicrosPerDay)) : RowRule.Type;

    public override RowRule AppendDate(int days)
    {
        if (days is < -DateText.UnixEpochDay or > DateText.LastDay)
            return RowRule.Type;
        if (days < _minimum)
            return RowRule.Min;
        if (days > _maximum)
            return RowRule.Max;
        _buffer.Append(days);
        return RowRule.None;
    }

    public override RowRule AppendTimestamp(long micros, bool isUtc) =>
        micros % DateText.MicrosPerDay == 0 ? AppendDate((int)(micros / DateText.MicrosPerDay)) : RowRule.Type;

    private static int? Bound(FieldBound? bound) =>
        bound is { } value && DateText.TryParseDate(Encoding.UTF8.GetBytes(value.Text), out var days) ? days : null;
}
