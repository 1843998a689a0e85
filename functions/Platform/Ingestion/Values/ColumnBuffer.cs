using ParquetSharp;

namespace DataPlatform.Ingestion.Values;

/// <summary>The values of one column of a block, as Parquet takes them: the non-null values close together and, once a null came,
/// a definition level for each row.</summary>
internal abstract class ColumnBuffer(int maxRows) : IDisposable
{
    private static readonly short[] AllPresent = CreateAllPresent();
    private short[]? _levels;

    public int MaxRows { get; } = maxRows;

    public int Rows { get; private set; }

    /// <summary>Non-null values.</summary>
    public int Count { get; protected set; }

    /// <summary>Bytes the values take in memory.</summary>
    public abstract long Bytes { get; }

    protected ReadOnlySpan<short> Levels => _levels is null ? Present(Rows) : _levels.AsSpan(0, Rows);

    public void AppendNull()
    {
        if (_levels is null)
        {
            _levels = LargeArrays.Of<short>().Rent(MaxRows);
            _levels.AsSpan(0, Rows).Fill(1);
        }

        _levels[Rows++] = 0;
    }

    public void AppendNulls(int rows)
    {
        for (var i = 0; i < rows; i++)
            AppendNull();
    }

    public bool IsNull(int row) => _levels is not null && _levels[row] == 0;

    /// <summary>Takes the newest row back.</summary>
    public void RemoveLast()
    {
        Rows--;
        if (_levels is null || _levels[Rows] == 1)
            RemoveLastValue();
    }

    /// <summary>Keeps the rows that are not marked.</summary>
    public void RemoveMarked(ReadOnlySpan<bool> marked)
    {
        var value = 0;
        var keptValues = 0;
        var keptRows = 0;
        for (var row = 0; row < Rows; row++)
        {
            var present = _levels is null || _levels[row] == 1;
            if (!marked[row])
            {
                if (present)
                    MoveValue(value, keptValues++);
                if (_levels is not null)
                    _levels[keptRows] = _levels[row];
                keptRows++;
            }

            if (present)
                value++;
        }

        Rows = keptRows;
        Count = keptValues;
        ValuesMoved();
    }

    /// <summary>Appends each row to one of other buffers for the same column.</summary>
    /// <param name="places">By row: the place of its buffer.</param>
    public void AppendTo(IReadOnlyList<ColumnBuffer> targets, ReadOnlySpan<int> places)
    {
        var value = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (IsNull(row))
                targets[places[row]].AppendNull();
            else
                targets[places[row]].AppendFrom(this, value++);
        }
    }

    /// <summary>The same for equal values of the column, and for no others.</summary>
    /// <param name="value">The place among those that are not null.</param>
    public abstract UInt128 IdentityOf(int value);

    /// <summary>Makes the buffer empty, keeping its memory for the next block.</summary>
    public virtual void Clear()
    {
        Rows = 0;
        Count = 0;
        if (_levels is not null)
            LargeArrays.Of<short>().Return(_levels);
        _levels = null;
    }

    /// <summary>Encodes all values into a column chunk.</summary>
    public abstract void WriteTo(ColumnWriter writer);

    /// <summary>Smallest and largest value, for statistics; null when there are none or the type has no order there.</summary>
    public abstract (object Minimum, object Maximum)? Range();

    /// <summary>Whether hardly any value comes twice, judged by a sample: a dictionary would be work for nothing.</summary>
    public bool LooksUnique()
    {
        const int sample = 2048;
        if (Count < sample)
            return false;
        var seen = new HashSet<ulong>(sample);
        for (var i = 0; i < sample; i++)
            seen.Add(HashOf((int)((long)i * Count / sample)));
        return seen.Count > sample * 95 / 100;
    }

    public virtual void Dispose() => Clear();

    protected void AddPresentRow()
    {
        if (_levels is not null)
            _levels[Rows] = 1;
        Rows++;
    }

    protected abstract ulong HashOf(int value);

    protected abstract void AppendFrom(ColumnBuffer source, int value);

    protected abstract void RemoveLastValue();

    protected abstract void MoveValue(int from, int to);

    protected virtual void ValuesMoved()
    {
    }

    private static ReadOnlySpan<short> Present(int rows)
    {
        if (rows <= AllPresent.Length)
            return AllPresent.AsSpan(0, rows);
        var levels = new short[rows];
        Array.Fill(levels, (short)1);
        return levels;
    }

    private static short[] CreateAllPresent()
    {
        var levels = new short[122_880];
        Array.Fill(levels, (short)1);
        return levels;
    }
}
