using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Reads NDJSON: UTF-8, one object a line, blank lines aside. Member names are matched exactly; an absent member is null.</summary>
internal sealed class NdjsonRowReader(Stream body, IngestionLimits limits) : RowReader
{
    private const int KeptOfLongRow = 64 << 10;

    private readonly InputBuffer _input = new(body, limits.WindowBytes);
    private readonly JsonReaderOptions _options = new() { MaxDepth = limits.MaxJsonDepth };
    private readonly Dictionary<string, ColumnSlot> _byName = new(StringComparer.Ordinal);

    // Rows mostly have the same members in the same order: where a member was found last time is looked at first.
    private readonly List<ColumnSlot?> _order = [];
    private byte[] _scratch = [];
    private long _line = 1;
    private bool _started;
    private bool _skipping;

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (!_started)
        {
            foreach (var slot in rows.Slots)
                _byName.Add(slot.Field.InputName, slot);
            await _input.FillAsync(cancellationToken);
            if (!_input.TrySkipByteOrderMark())
                throw UnreadableFile.At("byte 0", "it is UTF-16 or UTF-32", "Convert it to UTF-8.");
            _started = true;
        }

        if (ReadLines(rows))
            return true;
        if (_input.IsLast)
            return false;
        await _input.FillAsync(cancellationToken);
        return true;
    }

    public override void Dispose()
    {
        _input.Dispose();
        base.Dispose();
    }

    /// <returns>True when the collector is full, false when more input is needed.</returns>
    private bool ReadLines(RowCollector rows)
    {
        while (!rows.IsFull)
        {
            var rest = _input.Rest;
            if (rest.IsEmpty)
                return false;

            var length = rest.IndexOf((byte)'\n');
            var offset = _input.OffsetOf(_input.Position);
            if (length < 0 && !_input.IsLast)
            {
                if (rest.Length <= limits.MaxRowBytes)
                    return false;
                TooLong(rows, rest, offset);
                _skipping = true;
                _input.Position = _input.End;
                return false;
            }

            var line = length < 0 ? rest : rest[..length];
            _input.Position += length < 0 ? rest.Length : length + 1;
            if (_skipping)
            {
                _skipping = false;
                _line++;
                continue;
            }

            if (line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.Length > limits.MaxRowBytes)
                TooLong(rows, line, offset);
            else if (line.ContainsAnyExcept(" \t\r"u8))
                ReadRow(rows, line, offset);
            _line++;
        }

        return true;
    }

    private void TooLong(RowCollector rows, ReadOnlySpan<byte> line, long offset)
    {
        if (!_skipping)
        {
            rows.EndBrokenRow(new RowError(null, RowRule.Size, $"The row is longer than {limits.MaxRowBytes} bytes."),
                line[..Math.Min(line.Length, KeptOfLongRow)], _line, offset, truncated: true);
        }
    }

    private void ReadRow(RowCollector rows, ReadOnlySpan<byte> line, long offset)
    {
        if (!_input.IsAscii && !Utf8.IsValid(line))
        {
            rows.EndBrokenRow(new RowError(null, RowRule.Encoding, "The line is not UTF-8."), line, _line, offset);
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(line, _options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                rows.EndBrokenRow(new RowError(null, RowRule.Json, "The line is not a JSON object."), line, _line, offset);
                return;
            }

            ReadMembers(rows, ref reader, line);
            if (reader.Read())
                throw new JsonException("Something follows the object.");
        }
        catch (JsonException fault)
        {
            rows.EndBrokenRow(new RowError(null, RowRule.Json,
                $"The line is not valid JSON at its byte {fault.BytePositionInLine ?? line.Length}, or nested deeper than {limits.MaxJsonDepth}."),
                line, _line, offset);
            return;
        }

        foreach (var slot in rows.Slots)
        {
            if (!rows.IsSet(slot))
                rows.PutNull(slot);
        }

        rows.EndRow(line, _line, offset);
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

        if (rule != RowRule.None)
            rows.Refuse(slot, rule, RuleMessage.Show(line[start..(int)reader.BytesConsumed]));
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
