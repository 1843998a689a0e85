using System.Buffers;
using System.Text;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>Collects the texts and levels of one column (levels as in "Dremel", which the Parquet format follows).</summary>
internal sealed class TextColumn
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];
    private readonly List<short> _definitions = [];
    private readonly List<short> _repetitions = [];
    private bool _repeats;

    public static Node CreateNode(string name, Repetition repetition)
    {
        using var text = LogicalType.String();
        return new PrimitiveNode(name, repetition, text, PhysicalType.ByteArray);
    }

    public void Add(string text, short definition, short repetition)
    {
        System.Text.Encoding.UTF8.GetBytes(text, _bytes);
        _ends.Add(_bytes.WrittenCount);
        AddNone(definition, repetition);
    }

    public void AddNone(short definition, short repetition)
    {
        _definitions.Add(definition);
        _repetitions.Add(repetition);
        _repeats |= repetition > 0;
    }

    /// <param name="repeated">Whether the schema lets the column repeat.</param>
    public unsafe void Write(RowGroupWriter group, bool repeated = false)
    {
        if (_repeats && !repeated)
            throw new InvalidOperationException("The column does not repeat.");

        var values = new ByteArray[_ends.Count];
        using var column = (ColumnWriter<ByteArray>)group.NextColumn();
        fixed (byte* bytes = _bytes.WrittenSpan)
        {
            var start = 0;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = new ByteArray((nint)(bytes + start), _ends[i] - start);
                start = _ends[i];
            }

            column.WriteBatch(_definitions.Count, _definitions.ToArray(), repeated ? _repetitions.ToArray() : [], values);
        }
    }
}
