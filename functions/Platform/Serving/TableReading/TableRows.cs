using DataPlatform.Sql;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.TableReading;

/// <summary>The rows of a query, computed as they are read. Reading blocks: do it on a worker thread. Dispose it soon, for it holds a session and files.</summary>
public sealed class TableRows : IAsyncDisposable
{
    private readonly SqlSession _session;
    private readonly SqlCursor _cursor;
    private readonly int? _pageSize;
    private int _read;

    internal TableRows(SqlSession session, SqlCursor cursor, PinnedTable table, IReadOnlyList<TableColumn> columns, int? pageSize) =>
        (_session, _cursor, Table, Columns, _pageSize) = (session, cursor, table, columns, pageSize);

    public PinnedTable Table { get; }

    /// <summary>What each row has, in order. <c>timestamp</c> columns are read as microseconds since 1970 (BIGINT).</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The number of all rows, whatever <c>top</c> and <c>skip</c> say, when the query asks for it.</summary>
    public long? Count { get; init; }

    /// <summary>How many of the version's files may hold rows of the query: only these were opened.</summary>
    public int Files { get; init; }

    /// <summary>The row that <see cref="Read"/> moved to, for typed reading by ordinal.</summary>
    public DuckDBDataReader Reader => _cursor.Reader;

    /// <summary>After <see cref="Read"/> gave false: whether the page ended before the rows did.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Moves to the next row; blocks while it is computed.</summary>
    /// <exception cref="Failures.TerminalException">The engine cannot compute it.</exception>
    public bool Read()
    {
        if (!_cursor.Read())
            return false;
        if (_read == _pageSize)
        {
            HasMore = true;
            return false;
        }

        _read++;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _cursor.Dispose();
        await _session.DisposeAsync();
    }
}
