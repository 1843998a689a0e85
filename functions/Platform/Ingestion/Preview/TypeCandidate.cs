using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A type that a sampled field may get, tried by the parser that would read it.</summary>
internal sealed class TypeCandidate : IDisposable
{
    private const int FoldRows = 512;
    private const int FoldBytes = 64 << 10;

    private readonly StoredColumn _column;
    private readonly ColumnBuffer _buffer;
    private object? _minimum;
    private object? _maximum;

    public TypeCandidate(StoredColumn column, string? format = null)
    {
        _column = column;
        Field = new FieldDefinition
        {
            Name = column.Name,
            Type = column.Type,
            Precision = column.Precision,
            Scale = column.Scale,
            Formats = format is null ? null : [format],
        };
        Parser = ValueParser.Create(Field, column, TimeZoneInfo.Utc);
        _buffer = column.CreateBuffer(FoldRows);
        Parser.Bind(_buffer);
    }

    public FieldDefinition Field { get; }

    public ValueParser Parser { get; }

    /// <summary>Values it takes.</summary>
    public long Fits { get; private set; }

    public object? Minimum
    {
        get
        {
            Fold();
            return _minimum;
        }
    }

    public object? Maximum
    {
        get
        {
            Fold();
            return _maximum;
        }
    }

    /// <param name="rule">What the parser said.</param>
    /// <returns>Whether the value is of this type.</returns>
    public bool Note(RowRule rule)
    {
        if (rule != RowRule.None)
            return false;
        Fits++;
        if (_buffer.Rows == FoldRows || _buffer.Bytes >= FoldBytes)
            Fold();
        return true;
    }

    public JsonElement? Show(object? bound, bool isMaximum) => bound is null ? null : _column.ToStatistic(bound, isMaximum);

    public void Dispose() => _buffer.Dispose();

    private void Fold()
    {
        if (_buffer.Range() is var (minimum, maximum))
        {
            _minimum = _minimum is null || Compare(minimum, _minimum) < 0 ? minimum : _minimum;
            _maximum = _maximum is null || Compare(maximum, _maximum) > 0 ? maximum : _maximum;
        }

        _buffer.Clear();
    }

    private static int Compare(object a, object b) =>
        a is byte[] text ? text.AsSpan().SequenceCompareTo((byte[])b) : ((IComparable)a).CompareTo(b);
}
