using System.Buffers;
using System.Text;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>The row at hand, taken apart, so that a patch can change it; then it is written for the reader of its format.</summary>
internal sealed class ReplayRow
{
    private readonly List<string> _names = [];
    private readonly List<ReplayValue> _values = [];

    public int Count => _names.Count;

    public void Clear()
    {
        _names.Clear();
        _values.Clear();
    }

    public void Add(string name, ReplayValue value)
    {
        _names.Add(name);
        _values.Add(value);
    }

    /// <param name="text">A JSON object.</param>
    /// <exception cref="JsonException">It is none, or a text in it has half of a surrogate pair.</exception>
    public void ReadJson(ReadOnlyMemory<byte> text, int maxDepth)
    {
        Clear();
        var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The row is not a JSON object.");
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                Add(name, reader.TokenType switch
                {
                    JsonTokenType.Null => default,
                    JsonTokenType.String => new ReplayValue(Encoding.UTF8.GetBytes(reader.GetString()!)),
                    _ => Skipped(ref reader, text, start),
                });
            }

            if (reader.Read())
                throw new JsonException("Something follows the object.");
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("A text has half of a surrogate pair.", fault);
        }
    }

    /// <returns>Null when there is no such value.</returns>
    public ReplayValue? Find(string name)
    {
        for (var i = 0; i < _names.Count; i++)
        {
            if (_names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                return _values[i];
        }

        return null;
    }

    public void Put(string name, ReplayValue value)
    {
        var index = _names.IndexOf(name);
        if (index < 0)
            Add(name, value);
        else
            _values[index] = value;
    }

    public void Rename(IReadOnlyDictionary<string, string?> names)
    {
        for (var i = _names.Count - 1; i >= 0; i--)
        {
            if (!names.TryGetValue(_names[i], out var name))
                continue;
            if (name is not null)
            {
                _names[i] = name;
                continue;
            }

            _names.RemoveAt(i);
            _values.RemoveAt(i);
        }
    }

    /// <summary>As a CSV record in which everything that is there is quoted.</summary>
    public void WriteCsv(IBufferWriter<byte> target)
    {
        for (var i = 0; i < _values.Count; i++)
        {
            if (i > 0)
                target.Write(","u8);
            if (_values[i].Bytes is { } bytes)
                WriteQuoted(target, bytes.Span);
        }

        target.Write("\n"u8);
    }

    public void WriteCsvHeader(IBufferWriter<byte> target)
    {
        for (var i = 0; i < _names.Count; i++)
        {
            if (i > 0)
                target.Write(","u8);
            WriteQuoted(target, Encoding.UTF8.GetBytes(_names[i]));
        }

        target.Write("\n"u8);
    }

    /// <summary>As a JSON object on one line; what the patch gave becomes a number or truth where the field is one.</summary>
    public void WriteJson(IBufferWriter<byte> target, IReadOnlyDictionary<string, FieldType> types)
    {
        using (var writer = new Utf8JsonWriter(target, JsonRow.Options))
        {
            writer.WriteStartObject();
            for (var i = 0; i < _names.Count; i++)
            {
                writer.WritePropertyName(_names[i]);
                if (_values[i] is not { Bytes: { } bytes } value)
                    writer.WriteNullValue();
                else if (value.IsNew && types.TryGetValue(_names[i], out var type) && type != FieldType.Json ? RowRedaction.IsLiteral(type, bytes.Span) : value.IsJson)
                    writer.WriteRawValue(bytes.Span, skipInputValidation: true);
                else
                    writer.WriteStringValue(bytes.Span);
            }

            writer.WriteEndObject();
        }

        target.Write("\n"u8);
    }

    private static ReplayValue Skipped(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text, int start)
    {
        reader.Skip();
        return new ReplayValue(text[start..(int)reader.BytesConsumed], IsJson: true);
    }

    private static void WriteQuoted(IBufferWriter<byte> target, ReadOnlySpan<byte> text)
    {
        target.Write("\""u8);
        for (var quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            target.Write(text[..(quote + 1)]);
            target.Write("\""u8);
            text = text[(quote + 1)..];
        }

        target.Write(text);
        target.Write("\""u8);
    }
}
