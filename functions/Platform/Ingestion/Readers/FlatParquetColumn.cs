using System.Buffers;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A column with one value or null in each row.</summary>
internal sealed class FlatParquetColumn(string name, int leaf, ParquetValues values) : ParquetColumn(name)
{
    // What is shown of a value of a row that goes to quarantine.
    private const int MaxShown = 64 << 10;

    private readonly ArrayBufferWriter<byte> _json = new();
    private short[] _levels = [];
    private ColumnReader? _reader;
    private int _rows;
    private int _next;

    public override IReadOnlyList<int> Leaves { get; } = [leaf];

    public override StoredColumn Stored => values.StoredAs(Name);

    public override string? Misfit(ColumnSlot? slot) =>
        values.Kind == ParquetKind.Unsupported ? $"is of a type that is not read ({values.TypeName})" : null;

    public override void Open(RowGroupReader group)
    {
        _reader?.Dispose();
        _reader = group.Column(leaf);
    }

    public override long ReadSlice(int rows)
    {
        _rows = rows;
        _next = 0;
        if (_levels.Length < rows)
        {
            ReturnLevels();
            _levels = LargeArrays.Of<short>().Rent(rows);
        }

        values.Clear();
        for (var row = 0; row < rows;)
            row += values.Read(_reader!, _levels.AsSpan(row, rows - row), []);
        return values.Bytes;
    }

    public override void Put(ColumnSlot slot, Dictionary<int, List<RowError>> broken)
    {
        var next = 0;
        for (var row = 0; row < _rows; row++)
        {
            if (_levels[row] < values.MaxDefinition)
            {
                slot.Buffer.AppendNull();
                if (slot.Required)
                    Add(broken, row, RuleMessage.For(slot, RowRule.Required, null));
                continue;
            }

            var rule = Append(slot, next);
            if (rule != RowRule.None)
            {
                slot.Buffer.AppendNull();
                Add(broken, row, RuleMessage.For(slot, rule, RuleMessage.Show(System.Text.Encoding.UTF8.GetBytes(values.Show(next)))));
            }

            next++;
        }
    }

    public override void PutRow(RowCollector rows, ColumnSlot slot, int row)
    {
        if (_levels[row] < values.MaxDefinition)
        {
            rows.PutNull(slot);
            return;
        }

        var rule = Append(slot, _next);
        if (rule != RowRule.None)
        {
            var text = System.Text.Encoding.UTF8.GetBytes(values.Show(_next));
            rows.Refuse(slot, rule, text, text);
        }

        _next++;
    }

    public override void Redact(RowRedaction redaction, ColumnSlot slot, int row)
    {
        if (_levels[row] < values.MaxDefinition)
        {
            redaction.PutNull(slot);
            return;
        }

        var value = _levels.AsSpan(0, row).Count(values.MaxDefinition);
        WriteJson(value);
        redaction.PutJson(slot, _json.WrittenSpan, System.Text.Encoding.UTF8.GetBytes(values.Show(value)));
    }

    public override bool WriteJson(Utf8JsonWriter writer, int row)
    {
        if (_levels[row] == values.MaxDefinition)
            return values.WriteJson(writer, _levels.AsSpan(0, row).Count(values.MaxDefinition), MaxShown);
        writer.WriteNullValue();
        return true;
    }

    public override void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
        values.Dispose();
        ReturnLevels();
    }

    private void ReturnLevels()
    {
        if (_levels.Length > 0)
            LargeArrays.Of<short>().Return(_levels);
        _levels = [];
    }

    private RowRule Append(ColumnSlot slot, int value)
    {
        // A text in a field of type json is JSON; what else there is becomes it.
        if (slot.Column.Type != FieldType.Json || values.Kind == ParquetKind.Text)
            return values.Append(slot.Parser, value);
        WriteJson(value);
        return slot.Parser.AppendJsonValue(_json.WrittenSpan);
    }

    private void WriteJson(int value)
    {
        _json.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_json, JsonRow.Options);
        values.WriteJson(writer, value, int.MaxValue);
    }
}
