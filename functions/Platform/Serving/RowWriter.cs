using System.Buffers;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving;

/// <summary>Writes rows in one format into a buffer that its owner empties from time to time.</summary>
internal abstract class RowWriter(IReadOnlyList<TableColumn> columns)
{
    protected IReadOnlyList<TableColumn> Columns { get; } = columns;

    protected CellKind[] Kinds { get; } = [.. columns.Select(Cells.KindOf)];

    public static RowWriter Create(RowFormat format, IReadOnlyList<TableColumn> columns, ArrayBufferWriter<byte> target) => format switch
    {
        RowFormat.Arrow => new ArrowRowWriter(columns, target),
        RowFormat.Csv => new CsvRowWriter(columns, target),
        RowFormat.Ndjson => new JsonRowWriter(columns, target, lines: true),
        _ => new JsonRowWriter(columns, target, lines: false),
    };

    /// <param name="count">The number of all rows, when it was asked for.</param>
    public abstract void Begin(long? count);

    public abstract void Write(DuckDBDataReader row);

    /// <param name="nextLink">Where the next page is, when there is one.</param>
    /// <param name="next">The cursor in it, for clients that cannot follow links.</param>
    public abstract void End(string? nextLink = null, string? next = null);

    /// <summary>Ends before the last row; formats that have a place for it say so.</summary>
    public virtual void EndTruncated() => End();

    /// <summary>Puts all that was written into the buffer.</summary>
    public abstract void Flush();

    /// <summary>How much is worth to be sent at a time.</summary>
    public virtual int FlushBytes => 32 << 10;

    /// <summary>Bytes written that the buffer may not show yet.</summary>
    public abstract long Pending { get; }
}
