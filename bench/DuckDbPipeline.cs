using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>
/// The flights pipeline by hand: the same SQL in DuckDB on local Parquet, on two threads, in a process that runs already. What it writes is
/// zstd Parquet, synced with its folder. No log, no check of keys, no room for a second reader or writer.
/// </summary>
internal sealed class DuckDbPipeline : IDisposable
{
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");
    private readonly string _airports;

    public DuckDbPipeline(string folder)
    {
        _connection.Open();
        _airports = Path.Combine(folder, "airports.parquet");
        Execute("SET threads = 2");
        Execute($"COPY (SELECT * FROM read_csv('{FlightsFiles.Airports}')) TO '{_airports}' (FORMAT parquet, COMPRESSION zstd)");
    }

    public static string Name { get; } = $"DuckDB {DuckDbBaseline.Version}, synced Parquet";

    /// <summary>Joins flights with airports into a table that is not there yet, or into one more file of it.</summary>
    public Task<double> WriteAsync(string flights, string table) => Stopwatches.SecondsAsync(() => Task.Run(() => Write(Join(flights), table)));

    /// <summary>Writes a query's result to a file.</summary>
    public Task<double> CopyAsync(string select, string file) => Stopwatches.SecondsAsync(() => Task.Run(() => Write(select, file)));

    /// <summary>The same into a table that is there: rows of the same number are replaced. Makes the table anew under another name.</summary>
    public Task<double> MergeAsync(string flights, string table, string merged) => Stopwatches.SecondsAsync(() => Task.Run(() =>
    {
        // Once joined, once used twice.
        Execute($"CREATE OR REPLACE TEMP TABLE fresh AS {Join(flights)}");
        Write($"SELECT * FROM fresh UNION ALL SELECT * FROM read_parquet('{table}') ANTI JOIN fresh USING (id)", merged);
        Execute("DROP TABLE fresh");
    }));

    /// <inheritdoc cref="FlightsPipeline.SumAsync"/>
    public (long Rows, long Delay, long States) Sum(string table)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT count(*), CAST(sum(delay) AS BIGINT), count(DISTINCT state) FROM read_parquet('{table}')";
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    public void Dispose() => _connection.Dispose();

    private string Join(string flights) =>
        $"SELECT f.*, a.state FROM read_parquet('{flights}') f LEFT JOIN read_parquet('{_airports}') a ON a.iata = f.origin";

    private void Write(string select, string file)
    {
        Execute($"COPY ({select}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)");
        SyncedFiles.Flush(file);
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
