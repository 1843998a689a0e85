using System.Text;
using System.Text.Json;
using SQLitePCL;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The row a query stands at. Times are UTC ticks, structures JSON, bytes a reference to a spilled payload.</summary>
internal readonly struct SqliteRow(SqliteSession session, sqlite3_stmt statement)
{
    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int32(int column) => (int)raw.sqlite3_column_int64(statement, column);

    /// <summary>A text that is never null.</summary>
    public string String(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public string? Text(int column) => IsNull(column) ? null : String(column);

    public DateTimeOffset Time(int column) => new(Int64(column), TimeSpan.Zero);

    public DateTimeOffset? OptionalTime(int column) => IsNull(column) ? null : Time(column);

    public T? Json<T>(int column)
        where T : class => IsNull(column) ? null : JsonSerializer.Deserialize<T>(raw.sqlite3_column_blob(statement, column));

    /// <summary>A payload, wherever it is kept.</summary>
    public string? Payload(int column, string instanceId) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_BLOB
        ? PayloadTable.Read(session, instanceId, raw.sqlite3_column_blob(statement, column).ToArray())
        : Text(column);

    public object? Value(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => Int64(column),
        raw.SQLITE_TEXT => String(column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column),
        _ => raw.sqlite3_column_blob(statement, column).ToArray(),
    };

    private bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;
}
