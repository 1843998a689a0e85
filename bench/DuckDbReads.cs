using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>SQL over the files of a table, by DuckDB in this process: one instance, two threads, a connection for each client.</summary>
internal sealed class DuckDbReads : IDisposable
{
    private readonly DuckDBConnection _root = new("Data Source=:memory:");
    private readonly DuckDBConnection[] _connections;

    public DuckDbReads(IEnumerable<string> files, int connections)
    {
        _root.Open();
        using var command = _root.CreateCommand();
        command.CommandText = $"SET threads = 2; SET TimeZone = 'UTC'; CREATE VIEW t AS SELECT * FROM read_parquet([{string.Join(", ", files.Select(file => $"'{file}'"))}])";
        command.ExecuteNonQuery();
        _connections = [.. Enumerable.Range(0, connections).Select(_ => _root.Duplicate())];
        foreach (var connection in _connections)
            connection.Open();
    }

    /// <summary>Reads all values.</summary>
    /// <returns>The number of rows.</returns>
    public int Read(int connection, string sql)
    {
        using var command = _connections[connection].CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        var rows = 0;
        for (; reader.Read(); rows++)
        {
            for (var column = 0; column < reader.FieldCount; column++)
                reader.GetValue(column);
        }

        return rows;
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _root.Dispose();
    }
}
