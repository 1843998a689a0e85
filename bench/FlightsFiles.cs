using DataPlatform.TestKit;
using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>The 3,000,000 flights of the demo, as the benchmarks want them.</summary>
internal static class FlightsFiles
{
    public const long Rows = 3_000_000;

    public static string Parquet { get; } =
        Path.Combine(Repository.Root, "node_modules", "vega-datasets", "data", "flights-3m.parquet");

    public static string Contract { get; } = Path.Combine(Repository.Root, "samples", "flights", "datasets", "flights.json");

    /// <summary>The same rows as CSV, made once per folder.</summary>
    public static string Csv(string folder)
    {
        var file = Path.Combine(folder, "flights-3m.csv");
        if (!File.Exists(file))
        {
            using var connection = new DuckDBConnection("Data Source=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                $"COPY (SELECT * FROM read_parquet('{Parquet}')) TO '{file}.tmp' (FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ')";
            command.ExecuteNonQuery();
            File.Move($"{file}.tmp", file);
        }

        return file;
    }
}
