using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace DataPlatform.Ingestion;

/// <summary>Writes blocks of one column set as row groups of one Parquet file (zstd), with the system columns, and keeps its statistics.</summary>
internal sealed class PartWriter : IAsyncDisposable
{
    private const string ContentType = "application/vnd.apache.parquet";
    private const int CompressionLevel = 1;

    private readonly ObjectWriteStream _target;
    private readonly string _name;
    private readonly byte[] _batch;
    private readonly long _ingestedAt;
    private readonly DrainStream _drain = new();
    private readonly ManagedOutputStream _output;
    private readonly ParquetFileWriter _file;
    private readonly List<ColumnStatistics> _statistics = [];
    private long _rows;

    /// <param name="ingestedAt">Microseconds since 1970.</param>
    private PartWriter(ObjectWriteStream target, string name, IReadOnlyList<StoredColumn> columns, byte[] batch, long ingestedAt)
    {
        _target = target;
        _name = name;
        _batch = batch;
        _ingestedAt = ingestedAt;
        Columns = columns;
        IReadOnlyList<StoredColumn> all = [.. columns, StoredColumn.Batch, StoredColumn.Row, StoredColumn.IngestedAt];
        _statistics.AddRange(all.Select(column => new ColumnStatistics(column)));
        using var builder = new WriterPropertiesBuilder()
            .Compression(Compression.Zstd)
            .CompressionLevel(CompressionLevel)
            .DisableDictionary(StoredColumn.Row.Name)
            .Encoding(StoredColumn.Row.Name, Encoding.DeltaBinaryPacked)
            .EnableStatistics()
            .CreatedBy("DataPlatform");
        using var properties = builder.Build();
        using var schema = new GroupNode("schema", Repetition.Required, [.. all.Select(column => column.CreateNode())]);
        _output = new ManagedOutputStream(_drain, leaveOpen: true);
        _file = new ParquetFileWriter(_output, schema, properties, null);
    }

    public IReadOnlyList<StoredColumn> Columns { get; }

    /// <summary>Bytes encoded so far.</summary>
    public long Length => _drain.Length;

    /// <param name="name">The file's name in the table's folder.</param>
    public static async Task<PartWriter> OpenAsync(
        IObjectStore objects, LakePath table, string name, IReadOnlyList<StoredColumn> columns, string batch, DateTimeOffset ingestedAt,
        CancellationToken cancellationToken)
    {
        var target = await objects.OpenWriteAsync(table.Append(name), PutCondition.IfAbsent, ContentType, cancellationToken);
        return new PartWriter(target, name, [.. columns], System.Text.Encoding.ASCII.GetBytes(batch),
            (ingestedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    public async Task WriteAsync(RowBlock block, CancellationToken cancellationToken)
    {
        Encode(block);
        await _drain.DrainToAsync(_target, cancellationToken);
    }

    /// <exception cref="TransientException">The file is there already: another attempt has the same name.</exception>
    public async Task<DataFile> CompleteAsync(CancellationToken cancellationToken)
    {
        _file.Close();
        await _drain.DrainToAsync(_target, cancellationToken);
        var info = await _target.CompleteAsync(cancellationToken)
            ?? throw new TransientException($"There is a data file '{_name}' already. Send the batch again.");
        return new DataFile(_name, info.Length, DataFile.NoPartition, info.LastModified.ToUnixTimeMilliseconds(), Statistics());
    }

    public async ValueTask DisposeAsync()
    {
        _file.Dispose();
        _output.Dispose();
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

    private void Encode(RowBlock block)
    {
        using var group = _file.AppendRowGroup();
        for (var i = 0; i < block.Buffers.Count; i++)
        {
            using (var column = group.NextColumn())
                block.Buffers[i].WriteTo(column);
            _statistics[i].Add(block.Buffers[i]);
        }

        var levels = new short[block.Rows];
        Array.Fill(levels, (short)1);
        EncodeBatch(group, levels);
        using (var column = group.NextColumn())
            block.RowNumbers.WriteTo(column);
        _statistics[^2].Add(block.RowNumbers);
        var times = new long[block.Rows];
        Array.Fill(times, _ingestedAt);
        using (var column = (ColumnWriter<long>)group.NextColumn())
            column.WriteBatch(block.Rows, levels, [], times);
        _statistics[^1].Add(_ingestedAt, _ingestedAt);
        _rows += block.Rows;
    }

    private unsafe void EncodeBatch(RowGroupWriter group, short[] levels)
    {
        var values = new ByteArray[levels.Length];
        fixed (byte* batch = _batch)
        {
            Array.Fill(values, new ByteArray((nint)batch, _batch.Length));
            using var column = (ColumnWriter<ByteArray>)group.NextColumn();
            column.WriteBatch(levels.Length, levels, [], values);
        }

        _statistics[^3].Add(_batch, _batch);
    }
}
