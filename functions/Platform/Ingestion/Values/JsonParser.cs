using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Ingestion.Values;

/// <summary>Any JSON value, kept as compact text.</summary>
internal sealed class JsonParser : ValueParser
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly ArrayBufferWriter<byte> _text = new();
    private BytesColumnBuffer _buffer = null!;

    /// <returns>False when a text in it has half of a surrogate pair: then the target is of no use.</returns>
    public static bool TryWriteCompact(ReadOnlySpan<byte> json, IBufferWriter<byte> target)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        using var writer = new Utf8JsonWriter(target, Compact);
        try
        {
            document.WriteTo(writer);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // the only fault that parsing does not find
        }
    }

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        if (!IsOneValue(text))
            return RowRule.Type;
        return AppendJsonValue(text);
    }

    public override RowRule AppendJsonString(ReadOnlySpan<byte> text)
    {
        _text.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_text, Compact))
            writer.WriteStringValue(text);
        _buffer.Append(_text.WrittenSpan);
        return RowRule.None;
    }

    public override RowRule AppendJsonNumber(ReadOnlySpan<byte> number)
    {
        _buffer.Append(number);
        return RowRule.None;
    }

    public override RowRule AppendJsonValue(ReadOnlySpan<byte> json)
    {
        _text.ResetWrittenCount();
        if (!TryWriteCompact(json, _text))
            return RowRule.Type;
        _buffer.Append(_text.WrittenSpan);
        return RowRule.None;
    }

    public override RowRule AppendBool(bool value)
    {
        _buffer.Append(value ? "true"u8 : "false"u8);
        return RowRule.None;
    }

    private static bool IsOneValue(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            if (!reader.Read())
                return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
