using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Times of day <c>HH:mm[:ss[.ffffff]]</c>, kept as text <c>HH:mm:ss[.ffffff]</c>.</summary>
internal sealed class TimeParser(FieldDefinition field) : ValueParser
{
    private readonly long _minimum = Bound(field.Min) ?? 0;
    private readonly long _maximum = Bound(field.Max) ?? DateText.MicrosPerDay;
    private readonly DateReader? _reader = DateReader.Of(field);
    private BytesColumnBuffer _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text) =>
        (_reader is null ? DateText.TryParseTime(text, out var micros, out var length) && length == text.Length : _reader.TryRead(text, out micros, out _))
            ? AppendTime(micros)
            : RowRule.Type;

    public override RowRule AppendTime(long micros)
    {
        if (micros is < 0 or >= DateText.MicrosPerDay)
            return RowRule.Type;
        if (micros < _minimum)
            return RowRule.Min;
        if (micros > _maximum)
            return RowRule.Max;
        _buffer.Commit(DateText.FormatTime(micros, _buffer.Reserve(15)));
        return RowRule.None;
    }

    private static long? Bound(FieldBound? bound) =>
        bound is { } value && DateText.TryParseTime(Encoding.UTF8.GetBytes(value.Text), out var micros, out _) ? micros : null;
}
