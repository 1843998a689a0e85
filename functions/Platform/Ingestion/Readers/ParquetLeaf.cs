using System.Buffers;
using System.Text.Json;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A leaf of a nested column: its levels and its values as JSON, read ahead as far as whole rows need, and a place in them.</summary>
internal sealed class ParquetLeaf(string column, int index, ParquetValues values, IngestionLimits limits) : IDisposable
{
    private const int ReadAhead = 1024;

    private readonly ArrayBufferWriter<byte> _scratch = new();
    private readonly Utf8JsonWriter _writer = new(Stream.Null, JsonRow.Options);
    private short[] _definitions = [];
    private short[] _repetitions = [];
    private bool[] _broken = [];
    private int[] _ends = [];
    private byte[] _text = [];
    private int _levels;
    private int _count;
    private int _at;
    private int _value;
    private int _rowEnd;
    private ColumnReader? _reader;

    public int Index => index;

    public ParquetKind Kind => values.Kind;

    public string TypeName => values.TypeName;

    public short MaxDefinition => values.MaxDefinition;

    /// <summary>At the place; only within a row.</summary>
    public short Definition => _at < _rowEnd ? _definitions[_at] : throw Torn();

    /// <summary>At the place; 0 behind the row.</summary>
    public short Repetition => _at < _rowEnd ? _repetitions[_at] : (short)0;

    public void Open(RowGroupReader group)
    {
        Dispose();
        (_levels, _count, _at, _value, _rowEnd) = (0, 0, 0, 0, 0);
        _reader = group.Column(index);
    }

    /// <summary>Reads on until so many rows are there whole.</summary>
    /// <returns>Bytes and levels that are held.</returns>
    public long Fill(int rows)
    {
        DropRead();
        var starts = _repetitions.AsSpan(0, _levels).Count((short)0);
        var (lastStart, lastText) = (_levels, TextEnd);
        while (starts <= rows && _reader!.HasNext)
        {
            var from = _levels;
            ReadLevels(Math.Clamp(rows - starts + 1, 16, ReadAhead));
            for (; from < _levels; from++)
            {
                if (_repetitions[from] != 0)
                    continue;
                starts++;
                (lastStart, lastText) = (from, TextEnd);
            }

            if (_levels - lastStart > limits.MaxRowBytes || TextEnd - lastText > limits.MaxRowBytes)
                throw UnreadableFile.At($"the column '{column}'", $"a row has more than {limits.MaxRowBytes} values or bytes in it", "Send the row's list as rows of its own.");
        }

        return TextEnd + (_levels * 4L);
    }

    /// <summary>Opens the next row.</summary>
    public void StartRow()
    {
        if (_at >= _levels || _repetitions[_at] != 0)
            throw Torn();
        var rest = _repetitions.AsSpan(_at + 1, _levels - _at - 1).IndexOf((short)0);
        _rowEnd = rest < 0 ? _levels : _at + 1 + rest;
    }

    public void EndRow()
    {
        if (_at != _rowEnd)
            throw Torn();
    }

    /// <summary>Passes a place without a value.</summary>
    public void Skip()
    {
        if (Definition == MaxDefinition)
            throw Torn();
        _at++;
    }

    /// <summary>Writes the value at the place and passes it.</summary>
    /// <returns>False when it is a text that is not UTF-8.</returns>
    public bool Write(IBufferWriter<byte> target)
    {
        if (Definition != MaxDefinition || _value >= _count)
            throw Torn();
        var start = _value == 0 ? 0 : _ends[_value - 1];
        target.Write(_text.AsSpan(start, _ends[_value] - start));
        _at++;
        return !_broken[_value++];
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
        values.Dispose();
    }

    private int TextEnd => _count == 0 ? 0 : _ends[_count - 1];

    private static InvalidDataException Torn() => new("the levels of its nested columns do not fit together");

    private void DropRead()
    {
        var dropped = _value == 0 ? 0 : _ends[_value - 1];
        _text.AsSpan(dropped, TextEnd - dropped).CopyTo(_text);
        for (var i = _value; i < _count; i++)
            (_ends[i - _value], _broken[i - _value]) = (_ends[i] - dropped, _broken[i]);
        _definitions.AsSpan(_at, _levels - _at).CopyTo(_definitions);
        _repetitions.AsSpan(_at, _levels - _at).CopyTo(_repetitions);
        (_levels, _count, _at, _value, _rowEnd) = (_levels - _at, _count - _value, 0, 0, 0);
    }

    private void ReadLevels(int most)
    {
        if (_definitions.Length < _levels + most)
        {
            Array.Resize(ref _definitions, Math.Max(_levels + most, _definitions.Length * 2));
            Array.Resize(ref _repetitions, _definitions.Length);
            Array.Resize(ref _ends, _definitions.Length);
            Array.Resize(ref _broken, _definitions.Length);
        }

        values.Clear();
        var repetitions = values.MaxRepetition > 0 ? _repetitions.AsSpan(_levels, most) : [];
        if (repetitions.IsEmpty)
            _repetitions.AsSpan(_levels, most).Clear();
        _levels += values.Read(_reader!, _definitions.AsSpan(_levels, most), repetitions);
        for (var i = 0; i < values.Count; i++)
        {
            _scratch.ResetWrittenCount();
            _writer.Reset(_scratch);
            _broken[_count] = !values.WriteJson(_writer, i, int.MaxValue);
            _writer.Flush();
            var end = checked(TextEnd + _scratch.WrittenCount);
            if (_text.Length < end)
                Array.Resize(ref _text, Math.Max(end, _text.Length * 2));
            _scratch.WrittenSpan.CopyTo(_text.AsSpan(TextEnd));
            _ends[_count++] = end;
        }
    }
}
