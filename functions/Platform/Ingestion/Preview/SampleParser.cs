using System.Runtime.InteropServices;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Stands where a field's parser would and only looks at the values; its column stays empty.</summary>
internal sealed class SampleParser(FieldSample sample) : ValueParser
{
    private ColumnBuffer _buffer = null!;

    public override bool EmptyIsNull => false;

    // A typed file says itself what its values are; only its texts are texts.
    public override bool IsText => sample.Declared?.Parser.IsText == true;

    public override void Bind(ColumnBuffer buffer) => _buffer = buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        if (sample.Declared is { } declared)
            return Note(text, declared.Parser.Append(text));
        sample.Add(text, SampleKind.Text);
        return Pass();
    }

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text) => Look(text, SampleKind.JsonText);

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => Look(number, SampleKind.JsonNumber);

    public override RowRule AppendJsonValue(ReadOnlySpan<byte> json) =>
        sample.Declared is { } declared ? Note(json, declared.Parser.AppendJsonValue(json)) : Look(json, SampleKind.JsonValue);

    public override RowRule AppendBool(bool value) =>
        sample.Declared is { } declared ? Note([(byte)(value ? 1 : 0)], declared.Parser.AppendBool(value)) : Look(value ? "true"u8 : "false"u8, SampleKind.Bool);

    public override RowRule AppendInteger(long value) => Note(Bytes(in value), sample.Declared!.Parser.AppendInteger(value));

    public override RowRule AppendDouble(double value) => Note(Bytes(in value), sample.Declared!.Parser.AppendDouble(value));

    public override RowRule AppendDecimal(Int128 unscaled, int scale) => Note(Bytes(in unscaled), sample.Declared!.Parser.AppendDecimal(unscaled, scale));

    public override RowRule AppendDate(int days) => Note(Bytes(in days), sample.Declared!.Parser.AppendDate(days));

    public override RowRule AppendTime(long micros) => Note(Bytes(in micros), sample.Declared!.Parser.AppendTime(micros));

    public override RowRule AppendTimestamp(long micros, bool isUtc) => Note(Bytes(in micros), sample.Declared!.Parser.AppendTimestamp(micros, isUtc));

    public override RowRule AppendBytes(ReadOnlySpan<byte> value) => Note(value, sample.Declared!.Parser.AppendBytes(value));

    private static ReadOnlySpan<byte> Bytes<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    private RowRule Look(ReadOnlySpan<byte> value, SampleKind kind)
    {
        sample.Add(value, kind);
        return Pass();
    }

    private RowRule Note(ReadOnlySpan<byte> identity, RowRule rule)
    {
        sample.AddDeclared(identity, rule);
        return Pass();
    }

    private RowRule Pass()
    {
        _buffer.AppendNull();
        return RowRule.None;
    }
}
