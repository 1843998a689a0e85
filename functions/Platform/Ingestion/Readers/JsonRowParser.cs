using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Takes JSON objects apart into rows. Member names are matched exactly; an absent member is null.</summary>
internal class JsonRowParser(IngestionLimits limits)
{
    private const int KeptOfLongRow = 64 << 10;

    private readonly JsonReaderOptions _options = new() { MaxDepth = limits.MaxJsonDepth };
    private readonly Dictionary<string, ColumnSlot> _byName = new(StringComparer.Ordinal);

    // Rows mostly have the same members in the same order: where a member was found last time is looked at first.
    private readonly List<ColumnSlot?> _order = [];
    private byte[] _scratch = [];
    private long _line;
    private RowCollector? _rows;

    /// <summary>Before the first row of a body; bodies that go into one collector have one parser.</summary>
    public virtual void Start(RowCollector rows)
    {
        if (_rows == rows)
            return;
        _rows = rows;
        foreach (var slot in rows.Slots)
            _byName.Add(slot.Field.InputName, slot);
    }

    /// <param name="text">All of the row's text, with white space around it or not.</param>
    /// <param name="isAscii">It is known to be ASCII.</param>
    /// <param name="line">Where it starts, from 1.</param>
    /// <param name="offset">Bytes before it.</param>
    public virtual void ReadRow(RowCollector rows, ReadOnlySpan<byte> text, bool isAscii, long line, long offset)
    {
        _line = line;
        if (!isAscii && !Utf8.IsValid(text))
        {
            rows.EndBrokenRow(new RowError(null, RowRule.Encoding, "The row is not UTF-8."), text, line, offset);
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(text, _options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                rows.EndBrokenRow(new RowError(null, RowRule.Json, "The row is not a JSON object."), text, line, offset);
                return;
            }

            ReadMembers(rows, ref reader, text);
            if (reader.Read())
                throw new JsonException("Something follows the object.");
        }
        catch (JsonException fault)
        {
            rows.EndBrokenRow(new RowError(null, RowRule.Json, Describe(fault, text)), text, line, offset);
            return;
        }

        foreach (var slot in rows.Slots)
        {
            if (!rows.IsSet(slot))
                rows.PutNull(slot);
        }

        rows.EndRow(rows.Redaction is { } redaction ? Redact(redaction, text) : text, line, offset);
    }

    private ReadOnlySpan<byte> Redact(RowRedaction redaction, ReadOnlySpan<byte> text)
    {
        redaction.Begin();
        var reader = new Utf8JsonReader(text, _options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var known = _byName.TryGetValue(reader.GetString()!, out var slot);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isText = reader.TokenType == JsonTokenType.String;
            var isNull = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            var json = text[start..(int)reader.BytesConsumed];
            if (known && isNull)
                redaction.PutNull(slot!);
            else if (known)
                redaction.PutJson(slot!, json, isText ? Text(ref reader) : json);
        }

        return redaction.End();
    }

    /// <summary>Counts a row that is too long to be read.</summary>
    /// <param name="start">Of its text, as much as there is.</param>
    public void RefuseLong(RowCollector rows, ReadOnlySpan<byte> start, long line, long offset) =>
        rows.EndBrokenRow(new RowError(null, RowRule.Size, $"The row is longer than {limits.MaxRowBytes} bytes."),
            start[..Math.Min(start.Length, KeptOfLongRow)], line, offset, truncated: true);

    protected string Describe(JsonException fault, ReadOnlySpan<byte> text)
    {
        var place = fault is { LineNumber: > 0 } ? $"line {fault.LineNumber + 1}, byte {fault.BytePositionInLine}" : $"byte {fault.BytePositionInLine ?? text.Length}";
        return $"The row is not valid JSON at its {place}, or nested deeper than {limits.MaxJsonDepth}.";
    }

    private void ReadMembers(RowCollector rows, ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        HashSet<string>? unknown = null;
        for (var position = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; position++)
        {
            var slot = position < _order.Count && _order[position] is { } guess && reader.ValueTextEquals(guess.Name)
                ? guess
                : Find(rows, ref reader, position, ref unknown);
            reader.Read();
            if (slot is null)
                reader.Skip();
            else if (rows.IsSet(slot))
                Twice(rows, ref reader, slot.Field.InputName);
            else
                PutValue(rows, ref reader, slot, line);
        }
    }

    private ColumnSlot? Find(RowCollector rows, ref Utf8JsonReader reader, int position, ref HashSet<string>? unknown)
    {
        string name;
        try
        {
            name = reader.GetString()!;
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("A member's name has half of a surrogate pair.", fault);
        }

        if (!_byName.TryGetValue(name, out var slot))
            slot = Unknown(rows, name, ref unknown);
        while (_order.Count <= position && position < limits.MaxColumns)
            _order.Add(null);
        if (position < _order.Count)
            _order[position] = slot;
        return slot;
    }

    private ColumnSlot? Unknown(RowCollector rows, string name, ref HashSet<string>? unknown)
    {
        if (!(unknown ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
        {
            rows.Fail(new RowError(name, RowRule.DuplicateMember, "The object has this member twice."));
            return null;
        }

        switch (rows.OnUnexpected)
        {
            case UnexpectedPolicy.Freeze:
                throw rows.Frozen(name, $"Line {_line}");
            case UnexpectedPolicy.DiscardRow:
                rows.Discard();
                return null;
            case UnexpectedPolicy.DiscardValue:
                return null;
            case UnexpectedPolicy.Evolve when rows.TryEvolve(name) is { } slot:
                _byName.Add(name, slot);
                return slot;
            case UnexpectedPolicy.Evolve:
                rows.Fail(new RowError(name, RowRule.UnknownField,
                    "The contract does not know this field, and its name cannot become a new column's."));
                return null;
            default:
                rows.Fail(new RowError(name, RowRule.UnknownField, "The contract does not know this field."));
                return null;
        }
    }

    private static void Twice(RowCollector rows, ref Utf8JsonReader reader, string name)
    {
        rows.Fail(new RowError(name, RowRule.DuplicateMember, "The object has this member twice."));
        reader.Skip();
    }

    private void PutValue(RowCollector rows, ref Utf8JsonReader reader, ColumnSlot slot, ReadOnlySpan<byte> line)
    {
        var start = (int)reader.TokenStartIndex;
        RowRule rule;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                rows.PutNull(slot);
                return;
            case JsonTokenType.String:
                rule = slot.Parser.AppendJsonString(Text(ref reader));
                break;
            case JsonTokenType.Number:
                rule = slot.Parser.AppendJsonNumber(reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                rule = slot.Parser.AppendBool(reader.TokenType == JsonTokenType.True);
                break;
            default:
                reader.Skip();
                rule = slot.Parser.AppendJsonValue(line[start..(int)reader.BytesConsumed]);
                break;
        }

        if (rule == RowRule.None)
            return;
        var json = line[start..(int)reader.BytesConsumed];
        rows.Refuse(slot, rule, json, reader.TokenType == JsonTokenType.String ? Text(ref reader) : json);
    }

    private ReadOnlySpan<byte> Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        if (_scratch.Length < reader.ValueSpan.Length)
            _scratch = new byte[reader.ValueSpan.Length * 2];
        try
        {
            return _scratch.AsSpan(0, reader.CopyString(_scratch));
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("A text has half of a surrogate pair.", fault);
        }
    }
}
