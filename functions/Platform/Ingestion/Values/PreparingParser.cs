using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>Makes texts ready for a field's parser: texts that stand for null, white space, case. Values of typed formats pass as they are.</summary>
internal sealed class PreparingParser : ValueParser
{
    private readonly ValueParser _inner;
    private readonly byte[][] _nullTokens;
    private readonly bool _trim;
    private readonly TextCase? _case;
    private readonly TextScratch _scratch = new();
    private readonly TextScratch _target = new();
    private ColumnBuffer _buffer = null!;

    private PreparingParser(ValueParser inner, FieldDefinition field)
    {
        _inner = inner;
        _nullTokens = [.. (field.NullTokens ?? []).Select(Encoding.UTF8.GetBytes)];
        _trim = field.Trim;
        _case = field.Case;
    }

    public override bool EmptyIsNull => _inner.EmptyIsNull;

    public override bool IsText => _inner.IsText;

    /// <returns>The parser itself when the field's texts need no preparation.</returns>
    public static ValueParser Wrap(ValueParser inner, FieldDefinition field) =>
        field.Trim || field.Case is not null || field.NullTokens is not null ? new PreparingParser(inner, field) : inner;

    public override void Bind(ColumnBuffer buffer)
    {
        _buffer = buffer;
        _inner.Bind(buffer);
    }

    public override RowRule Append(ReadOnlySpan<byte> text) => TryPrepare(ref text) ? _inner.Append(text) : AppendNull();

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text) => TryPrepare(ref text) ? _inner.AppendJsonString(text) : AppendNull();

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number) => IsNull(number) ? AppendNull() : _inner.AppendJsonNumber(number);

    public override RowRule AppendJsonValue(ReadOnlySpan<byte> json) => _inner.AppendJsonValue(json);

    public override RowRule AppendBool(bool value) => _inner.AppendBool(value);

    public override RowRule AppendInteger(long value) => _inner.AppendInteger(value);

    public override RowRule AppendDouble(double value) => _inner.AppendDouble(value);

    public override RowRule AppendDecimal(Int128 unscaled, int scale) => _inner.AppendDecimal(unscaled, scale);

    public override RowRule AppendDate(int days) => _inner.AppendDate(days);

    public override RowRule AppendTime(long micros) => _inner.AppendTime(micros);

    public override RowRule AppendTimestamp(long micros, bool isUtc) => _inner.AppendTimestamp(micros, isUtc);

    public override RowRule AppendBytes(ReadOnlySpan<byte> value) => _inner.AppendBytes(value);

    private RowRule AppendNull()
    {
        _buffer.AppendNull();
        return RowRule.None;
    }

    /// <returns>False when the text stands for null.</returns>
    public bool TryPrepare(ref ReadOnlySpan<byte> text)
    {
        if (IsNull(text))
            return false;
        if (_trim)
        {
            text = Trim(text);
            if (IsNull(text) || (text.IsEmpty && EmptyIsNull))
                return false;
        }

        if (_case is { } wanted)
            text = TextFunctions.ChangeCase(_scratch.Put(text), wanted == TextCase.Upper, _target).Span;
        return true;
    }

    private bool IsNull(ReadOnlySpan<byte> text)
    {
        foreach (var token in _nullTokens)
        {
            if (text.SequenceEqual(token))
                return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0 && Rune.DecodeFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune))
            text = text[length..];
        while (text.Length > 0 && Rune.DecodeLastFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune))
            text = text[..^length];
        return text;
    }
}
