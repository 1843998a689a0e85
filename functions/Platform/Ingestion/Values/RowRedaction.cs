using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>
/// Writes rows again as JSON objects in which personal values are protected, for quarantine and raw zone. Only fields that the contract knows are
/// kept; numbers and truth values of text formats become JSON's where they can.
/// </summary>
internal sealed class RowRedaction : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _writer;

    public RowRedaction(PiiProtector protector)
    {
        Protector = protector;
        _writer = new Utf8JsonWriter(_bytes, Options);
    }

    public PiiProtector Protector { get; }

    public void Begin()
    {
        _bytes.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
    }

    public void PutNull(ColumnSlot slot) => _writer.WriteNull(slot.Name);

    /// <summary>A value of a text format.</summary>
    /// <param name="text">UTF-8.</param>
    public void PutText(ColumnSlot slot, ReadOnlySpan<byte> text)
    {
        if (slot.Field.Pii is { } rule)
            Protect(slot, text, rule);
        else if (IsLiteral(slot.Field.Type, text))
            PutJson(slot, text, text);
        else
            _writer.WriteString(slot.Name, text);
    }

    /// <param name="json">The value as JSON.</param>
    /// <param name="text">Its text, when it is a JSON string; else the same.</param>
    public void PutJson(ColumnSlot slot, ReadOnlySpan<byte> json, ReadOnlySpan<byte> text)
    {
        if (slot.Field.Pii is { } rule)
        {
            Protect(slot, text, rule);
            return;
        }

        _writer.WritePropertyName(slot.Name);
        _writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <returns>The row; good until the next one begins.</returns>
    public ReadOnlySpan<byte> End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return _bytes.WrittenSpan;
    }

    public void Dispose() => _writer.Dispose();

    private void Protect(ColumnSlot slot, ReadOnlySpan<byte> value, PiiRule rule)
    {
        // As the table has it, so that what is read from here again is the same.
        var isThere = slot.Parser is not PreparingParser parser || parser.TryPrepare(ref value);
        if (isThere && Protector.TryProtect(value, rule, out var kept))
            _writer.WriteString(slot.Name, kept);
        else
            _writer.WriteNull(slot.Name);
    }

    /// <summary>Whether a text is also the JSON literal of the same value.</summary>
    internal static bool IsLiteral(FieldType type, ReadOnlySpan<byte> text)
    {
        var wanted = type switch
        {
            FieldType.Bool => JsonTokenType.True,
            FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal => JsonTokenType.Number,
            _ => JsonTokenType.None,
        };
        if (wanted == JsonTokenType.None)
            return false;

        try
        {
            var reader = new Utf8JsonReader(text);
            return reader.Read() && (reader.TokenType == wanted || (wanted == JsonTokenType.True && reader.TokenType == JsonTokenType.False))
                && reader.BytesConsumed == text.Length && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
