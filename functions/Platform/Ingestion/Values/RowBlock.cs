namespace DataPlatform.Ingestion.Values;

/// <summary>Accepted rows on their way from the parser to a Parquet row group.</summary>
internal sealed class RowBlock(int maxRows) : IDisposable
{
    private readonly List<StoredColumn> _columns = [];
    private readonly List<ColumnBuffer> _buffers = [];

    public IReadOnlyList<StoredColumn> Columns => _columns;

    public IReadOnlyList<ColumnBuffer> Buffers => _buffers;

    /// <summary>The rows' numbers in the batch, from 1.</summary>
    public FixedColumnBuffer<long> RowNumbers { get; } = new(maxRows);

    /// <summary>The hashes of the rows, by key, where they are kept with the file.</summary>
    public IReadOnlyList<UInt128[]>? Keys { get; set; }

    public int Rows => RowNumbers.Rows;

    public int MaxRows { get; } = maxRows;

    public long Bytes
    {
        get
        {
            var bytes = RowNumbers.Bytes;
            foreach (var buffer in _buffers)
                bytes += buffer.Bytes;
            return bytes;
        }
    }

    /// <summary>Adds a column; rows that are there already have a null in it.</summary>
    public ColumnBuffer Add(StoredColumn column)
    {
        var buffer = column.CreateBuffer(MaxRows);
        buffer.AppendNulls(Rows);
        _columns.Add(column);
        _buffers.Add(buffer);
        return buffer;
    }

    public void Clear()
    {
        Keys = null;
        RowNumbers.Clear();
        foreach (var buffer in _buffers)
            buffer.Clear();
    }

    public void Dispose()
    {
        RowNumbers.Dispose();
        foreach (var buffer in _buffers)
            buffer.Dispose();
    }
}
