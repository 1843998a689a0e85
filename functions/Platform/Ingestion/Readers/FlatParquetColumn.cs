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
        if (_levels.Length < rows)
            _levels = new short[rows];
        values.Clear();
        for (var row = 0; row < rows;)
            row += values.Read(_reader!, _levels.AsSpan(row, rows - row), []);
        return values.Bytes;
    }

    public override void Put(ColumnSlot slot, Dictionary<int, List<RowError>> broken)
    {
        // A text in a field of type json is JSON; what else there is becomes it.
        var asJson = slot.Column.Type == FieldType.Json && values.Kind != ParquetKind.Text;
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

            var rule = asJson ? AppendJson(slot.Parser, next) : values.Append(slot.Parser, next);
            if (rule != RowRule.None)
            {
                slot.Buffer.AppendNull();
                Add(broken, row, RuleMessage.For(slot, rule, RuleMessage.Show(System.Text.Encoding.UTF8.GetBytes(values.Show(next)))));
            }

            next++;
        }
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
    }

    private RowRule AppendJson(ValueParser parser, int value)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, JsonRow.Options))
            values.WriteJson(writer, value, int.MaxValue);
        return parser.AppendJsonValue(_json.WrittenSpan);
    }
}
