using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>A connection with its prepared statements. Not for two threads at once.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public SqliteSession(string path)
    {
        // Our own pool keeps the prepared statements, so the driver's pool would only hold files open.
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        // SQLite's own wait backs off finely; the driver's sleeps 150 ms between attempts.
        Execute("PRAGMA busy_timeout = 15000");
        Execute("PRAGMA synchronous = FULL");
    }

    /// <param name="arguments">Values of $1, $2, …</param>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteNonQuery();

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> arguments)
    {
        using SqliteDataReader reader = Prepare(sql, arguments).ExecuteReader();
        List<T> rows = [];
        while (reader.Read()) rows.Add(map(reader));
        return rows;
    }

    /// <returns>Null without a row and for NULL.</returns>
    public object? Scalar(string sql, params ReadOnlySpan<object?> arguments) =>
        Prepare(sql, arguments).ExecuteScalar() is { } value and not DBNull ? value : null;

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this folder; values are always parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (int i = 1; i <= arguments.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _commands.Add(sql, command);
        }

        for (int i = 0; i < arguments.Length; i++) command.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        return command;
    }
}
