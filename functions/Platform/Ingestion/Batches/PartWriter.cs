using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Tables;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Writes blocks of one column set, and of one partition, as row groups of one Parquet file (zstd; a few rows: Snappy), with the system columns, and
/// keeps its statistics.</summary>
internal sealed class PartWriter : IAsyncDisposable
{
    private const string ContentType = "application/vnd.apache.parquet";
    private const int CompressionLevel = 1;

    // Below it, setting up zstd and dictionaries for each column takes longer than all else; compaction writes these rows again anyway.
    private const int SmallRows = 256;

    private readonly ObjectWriteStream _target;
    private readonly string _name;
    private readonly long _ingestedAt;
    private readonly IReadOnlyDictionary<string, string?> _partition;
    private readonly int[] _kept;
    private readonly DrainStream _drain = new();
    private readonly ManagedOutputStream _output;
    private readonly ParquetFileWriter _file;
    private readonly List<ColumnStatistics> _statistics = [];
    private short[] _levels = [];
    private long[] _times = [];
    private ByteArray[] _batches = [];
    private long _rows;

    /// <param name="ingestedAt">Microseconds since 1970.</param>
    private PartWriter(ObjectWriteStream target, string name, BlockPart part, long ingestedAt)
    {
        _target = target;
        _name = name;
        _ingestedAt = ingestedAt;
        var first = part.Block;
        Columns = [.. first.Columns];
        _partition = part.Partition;
        _kept = [.. Enumerable.Range(0, Columns.Count).Where(i => !_partition.ContainsKey(Columns[i].Name))];
        IReadOnlyList<StoredColumn> all = [.. _kept.Select(i => Columns[i]), StoredColumn.Batch, StoredColumn.Row, StoredColumn.IngestedAt];
        _statistics.AddRange(all.Select(column => new ColumnStatistics(column)));
        using var builder = new WriterPropertiesBuilder();
        builder.MemoryPool(MemoryPool.SystemMemoryPool()).EnableStatistics().CreatedBy("DataPlatform");
        if (first.Rows < SmallRows)
            builder.Compression(Compression.Snappy).DisableDictionary();
        else
            builder.Compression(Compression.Zstd).CompressionLevel(CompressionLevel).DisableDictionary(StoredColumn.Row.Name).Encoding(StoredColumn.Row.Name, Encoding.DeltaBinaryPacked);
        foreach (var i in _kept)
        {
            if (first.Rows < SmallRows || !first.Buffers[i].LooksUnique())
                continue;
            builder.DisableDictionary(Columns[i].Name);
            if (first.Buffers[i] is FixedColumnBuffer<long> or FixedColumnBuffer<int>)
                builder.Encoding(Columns[i].Name, Encoding.DeltaBinaryPacked);
        }

        using var properties = builder.Build();
        using var schema = new GroupNode("schema", Repetition.Required, [.. all.Select(column => column.CreateNode())]);
        _output = new ManagedOutputStream(_drain, leaveOpen: true);
        _file = new ParquetFileWriter(_output, schema, properties, null);
    }

    /// <summary>Of the blocks; the file does not hold those that its table is divided by.</summary>
    public IReadOnlyList<StoredColumn> Columns { get; }

    /// <summary>Bytes encoded so far.</summary>
    public long Length => _drain.Length;

    /// <param name="name">The file's name in the table's folder, or in that of the partition.</param>
    /// <param name="first">What will be written first: its values decide how columns are encoded.</param>
    public static async Task<PartWriter> OpenAsync(
        IObjectStore objects, LakePath table, string name, BlockPart first, DateTimeOffset ingestedAt, CancellationToken cancellationToken)
    {
        if (first.Partition.Count > 0)
            name = $"{PartitionValues.FolderOf([.. first.Partition.Select(pair => (pair.Key, pair.Value))])}/{name}";
        var target = await objects.OpenWriteAsync(table.Append(name), PutCondition.IfAbsent, ContentType, cancellationToken);
        return new PartWriter(target, name, first,
            (ingestedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <param name="part">Of the same partition as the first.</param>
    public async Task WriteAsync(BlockPart part, CancellationToken cancellationToken)
    {
        Encode(part.Block, part.Batches);
        await _drain.DrainToAsync(_target, cancellationToken);
    }

    /// <exception cref="TransientException">The file is there already: another attempt has the same name.</exception>
    public async Task<DataFile> CompleteAsync(CancellationToken cancellationToken)
    {
        _file.Close();
        await _drain.DrainToAsync(_target, cancellationToken);
        var info = await _target.CompleteAsync(cancellationToken)
            ?? throw new TransientException($"There is a data file '{_name}' already. Send the batch again.");
        return new DataFile(DataFiles.ToLogPath(_name), info.Length, _partition, info.LastModified.ToUnixTimeMilliseconds(), Statistics());
    }

    public async ValueTask DisposeAsync()
    {
        _file.Dispose();
        _output.Dispose();
        GiveBack();
        await _drain.DisposeAsync();
        await _target.DisposeAsync();
    }

    private FileStatistics Statistics()
    {
        var minimum = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var maximum = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var nulls = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var column in _statistics)
        {
            if (column.Minimum is { } low)
                minimum.Add(column.Name, low);
            if (column.Maximum is { } high)
                maximum.Add(column.Name, high);
            nulls.Add(column.Name, column.Nulls);
        }

        return new FileStatistics(_rows, minimum, maximum, nulls);
    }

    private void Encode(RowBlock block, IReadOnlyList<BatchRows> batches)
    {
        using var group = _file.AppendRowGroup();
        for (var i = 0; i < _kept.Length; i++)
        {
            using (var column = group.NextColumn())
                block.Buffers[_kept[i]].WriteTo(column);
            _statistics[i].Add(block.Buffers[_kept[i]]);
        }

        Prepare(block.Rows);
        EncodeBatches(group, block.Rows, batches);
        using (var column = group.NextColumn())
            block.RowNumbers.WriteTo(column);
        _statistics[^2].Add(block.RowNumbers);
        using (var column = (ColumnWriter<long>)group.NextColumn())
            column.WriteBatch(block.Rows, _levels.AsSpan(0, block.Rows), [], _times.AsSpan(0, block.Rows));
        _statistics[^1].Add(_ingestedAt, _ingestedAt);
        _rows += block.Rows;
    }

    private void Prepare(int rows)
    {
        if (_levels.Length >= rows && _times.Length >= rows && _batches.Length >= rows)
            return;
        GiveBack();
        _levels = LargeArrays.Of<short>().Rent(rows);
        Array.Fill(_levels, (short)1);
        _times = LargeArrays.Of<long>().Rent(rows);
        Array.Fill(_times, _ingestedAt);
        _batches = LargeArrays.Of<ByteArray>().Rent(rows);
    }

    private void GiveBack()
    {
        if (_levels.Length == 0)
            return;
        LargeArrays.Of<short>().Return(_levels);
        LargeArrays.Of<long>().Return(_times);
        LargeArrays.Of<ByteArray>().Return(_batches);
        (_levels, _times, _batches) = ([], [], []);
    }

    private unsafe void EncodeBatches(RowGroupWriter group, int rows, IReadOnlyList<BatchRows> batches)
    {
        // All ids in one array: one pin holds them.
        var ids = new byte[batches.Sum(batch => batch.Id.Length)];
        fixed (byte* first = ids)
        {
            var (row, offset) = (0, 0);
            foreach (var batch in batches)
            {
                var length = System.Text.Encoding.ASCII.GetBytes(batch.Id, ids.AsSpan(offset));
                _batches.AsSpan(row, batch.Rows).Fill(new ByteArray((nint)(first + offset), length));
                var id = ids.AsSpan(offset, length).ToArray();
                _statistics[^3].Add(id, id);
                row += batch.Rows;
                offset += length;
            }

            using var column = (ColumnWriter<ByteArray>)group.NextColumn();
            column.WriteBatch(rows, _levels.AsSpan(0, rows), [], _batches.AsSpan(0, rows));
        }
    }
}
