using System.Buffers;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving;

/// <summary>Rows as an Arrow IPC stream: the schema, record batches, the end. Every column may be null; timestamps are microseconds in UTC.</summary>
internal sealed class ArrowRowWriter : RowWriter, IDisposable
{
    private readonly Schema _schema;
    private readonly ArrowColumn[] _columns;
    private readonly ArrowStreamWriter _stream;
    private int _rows;
    private long _pending;

    public ArrowRowWriter(IReadOnlyList<TableColumn> columns, ArrayBufferWriter<byte> target)
        : base(columns)
    {
        _columns = [.. columns.Zip(Kinds, ArrowColumns.Create)];
        _schema = new Schema([.. columns.Zip(_columns, (column, values) => new Field(column.Name, values.Type, nullable: true))], null);
        _stream = new ArrowStreamWriter(new BufferStream(target), _schema, leaveOpen: true);
    }

    /// <summary>Batches of some size are what readers of columns are fast with.</summary>
    public override int FlushBytes => 512 << 10;

    public override long Pending => _pending;

    public override void Begin(long? count) => _stream.WriteStart();

    public override void Write(DuckDBDataReader row)
    {
        for (var ordinal = 0; ordinal < _columns.Length; ordinal++)
        {
            if (row.IsDBNull(ordinal))
            {
                _columns[ordinal].AppendNull();
                _pending++;
            }
            else
            {
                _pending += _columns[ordinal].Append(row, ordinal);
            }
        }

        _rows++;
    }

    public override void End(string? nextLink = null, string? next = null)
    {
        Flush();
        _stream.WriteEnd();
    }

    public override void Flush()
    {
        if (_rows == 0)
            return;
        using var batch = new RecordBatch(_schema, _columns.Select(column => column.Take()), _rows);
        _stream.WriteRecordBatch(batch);
        (_rows, _pending) = (0, 0);
    }

    public void Dispose() => _stream.Dispose();
}
