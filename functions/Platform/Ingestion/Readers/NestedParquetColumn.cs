using System.Buffers;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A column of lists, structs or maps, read as JSON.</summary>
internal sealed class NestedParquetColumn(string name, ParquetNode node) : ParquetColumn(name)
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private int[] _ends = [];
    private bool[] _nulls = [];
    private bool[] _whole = [];
    private int _rows;

    public override IReadOnlyList<int> Leaves { get; } = [.. node.Leaves.Select(leaf => leaf.Index)];

    public override StoredColumn Stored => new(Name, FieldType.Json);

    public override string? Misfit(ColumnSlot? slot)
    {
        if (node.Leaves.FirstOrDefault(leaf => leaf.Kind == ParquetKind.Unsupported) is { } leaf)
            return $"holds values of a type that is not read ({leaf.TypeName})";
        return slot is null or { Column.Type: FieldType.Json } ? null : "is nested, which only a field of type json takes";
    }

    public override void Open(RowGroupReader group)
    {
        foreach (var leaf in node.Leaves)
            leaf.Open(group);
    }

    public override long ReadSlice(int rows)
    {
        _rows = rows;
        if (_ends.Length < rows)
            (_ends, _nulls, _whole) = (new int[rows], new bool[rows], new bool[rows]);
        _json.ResetWrittenCount();
        var bytes = node.Leaves.Sum(leaf => leaf.Fill(rows));
        for (var row = 0; row < rows; row++)
        {
            foreach (var leaf in node.Leaves)
                leaf.StartRow();
            _nulls[row] = node.IsNull;
            _whole[row] = node.Write(_json);
            foreach (var leaf in node.Leaves)
                leaf.EndRow();
            _ends[row] = _json.WrittenCount;
        }

        return bytes + _json.WrittenCount;
    }

    public override void Put(ColumnSlot slot, Dictionary<int, List<RowError>> broken)
    {
        for (var row = 0; row < _rows; row++)
        {
            var rule = RowRule.None;
            if (_nulls[row])
                rule = slot.Required ? RowRule.Required : RowRule.None;
            else
                rule = _whole[row] ? slot.Parser.AppendJsonValue(Json(row)) : RowRule.Encoding;
            if (_nulls[row] || rule != RowRule.None)
                slot.Buffer.AppendNull();
            if (rule != RowRule.None)
                Add(broken, row, RuleMessage.For(slot, rule, _nulls[row] ? null : RuleMessage.Show(Json(row))));
        }
    }

    public override void PutRow(RowCollector rows, ColumnSlot slot, int row)
    {
        if (_nulls[row])
        {
            rows.PutNull(slot);
            return;
        }

        var rule = _whole[row] ? slot.Parser.AppendJsonValue(Json(row)) : RowRule.Encoding;
        if (rule != RowRule.None)
            rows.Refuse(slot, rule, Json(row), Json(row));
    }

    public override void Redact(RowRedaction redaction, ColumnSlot slot, int row)
    {
        if (_nulls[row] || !_whole[row])
            redaction.PutNull(slot);
        else
            redaction.PutJson(slot, Json(row), Json(row));
    }

    public override bool WriteJson(Utf8JsonWriter writer, int row)
    {
        writer.WriteRawValue(Json(row), skipInputValidation: true);
        return _whole[row];
    }

    public override void Dispose()
    {
        foreach (var leaf in node.Leaves)
            leaf.Dispose();
    }

    private ReadOnlySpan<byte> Json(int row)
    {
        var start = row == 0 ? 0 : _ends[row - 1];
        return _json.WrittenSpan[start.._ends[row]];
    }
}
