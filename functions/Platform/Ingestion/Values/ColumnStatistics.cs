using System.Text.Json;

namespace DataPlatform.Ingestion.Values;

/// <summary>Smallest and largest value and number of nulls of one column of a file, block by block.</summary>
internal sealed class ColumnStatistics(StoredColumn column)
{
    private object? _minimum;
    private object? _maximum;

    public string Name => column.Name;

    public long Nulls { get; private set; }

    public JsonElement? Minimum => _minimum is null ? null : column.ToStatistic(_minimum, isMaximum: false);

    public JsonElement? Maximum => _maximum is null ? null : column.ToStatistic(_maximum, isMaximum: true);

    public void Add(ColumnBuffer buffer)
    {
        Nulls += buffer.Rows - buffer.Count;
        if (buffer.Range() is { } range)
            Add(range.Minimum, range.Maximum);
    }

    public void Add(object minimum, object maximum)
    {
        if (_minimum is null || Compare(minimum, _minimum) < 0)
            _minimum = minimum;
        if (_maximum is null || Compare(maximum, _maximum) > 0)
            _maximum = maximum;
    }

    private static int Compare(object left, object right) => left is byte[] text
        ? text.AsSpan().SequenceCompareTo((byte[])right)
        : ((IComparable)left).CompareTo(right);
}
