using DataPlatform.Sql;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.TableReading;

/// <summary>The rows of a query, computed as they are read. Reading blocks: do it on a worker thread. Dispose it soon, for it holds a session and files.</summary>
public sealed class TableRows : IAsyncDisposable
{
    private readonly SqlSession _session;
    private readonly SqlCursor _cursor;
    private readonly ReadPlan _plan;
    private long _read;
    private bool _ended;

    internal TableRows(SqlSession session, SqlCursor cursor, PinnedTable table, IReadOnlyList<TableColumn> columns, ReadPlan plan) =>
        (_session, _cursor, Table, Columns, _plan) = (session, cursor, table, columns, plan);

    public PinnedTable Table { get; }

    /// <summary>What each row has, in order. <c>timestamp</c> columns are read as microseconds since 1970 (BIGINT).</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The number of all rows, whatever <c>top</c> and <c>skip</c> say, when the query asks for it.</summary>
    public long? Count { get; init; }

    /// <summary>How many of the version's files may hold rows of the query: only these were opened.</summary>
    public int Files => _plan.CountFiles.Count;

    /// <summary>The row that <see cref="Read"/> moved to, for typed reading by ordinal.</summary>
    public DuckDBDataReader Reader => _cursor.Reader;

    /// <summary>After <see cref="Read"/> gave false: where the next page begins. Null when there are no more rows.</summary>
    public RowPosition? Next { get; private set; }

    /// <summary>Moves to the next row; blocks while it is computed.</summary>
    /// <returns>False at the end of the rows or of the page.</returns>
    /// <exception cref="Failures.TerminalException">The engine cannot compute it.</exception>
    public bool Read()
    {
        if (_ended)
            return false;
        if (_read == _plan.PageSize)
        {
            EndPage();
            return false;
        }

        if (!_cursor.Read())
        {
            _ended = true;
            return false;
        }

        _read++;
        return true;
    }

    /// <summary>Makes the row that was read last the last one of the page.</summary>
    public void EndPage()
    {
        if (_ended || _plan.PageSize is null)
            return;
        _ended = true;
        var place = _read == 0 ? _plan.Start : _plan.Behind(_read, Reader);
        if (place.Left is not 0 && _cursor.Read())
            Next = place;
    }

    public async ValueTask DisposeAsync()
    {
        _cursor.Dispose();
        await _session.DisposeAsync();
    }
}
