using DataPlatform.TestKit;
using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>The 3,000,000 flights of the demo, as the benchmarks want them.</summary>
internal static class FlightsFiles
{
    public const long Rows = 3_000_000;

    /// <summary>Bytes of a CSV file's header line.</summary>
    public static int CsvHead { get; } = "date,delay,distance,origin,destination\n".Length;

    public static string Parquet { get; } =
        Path.Combine(Repository.Root, "node_modules", "vega-datasets", "data", "flights-3m.parquet");

    public static string Contract { get; } = Path.Combine(Repository.Root, "samples", "flights", "datasets", "flights.json");

    /// <summary>The same rows as CSV, made once per folder.</summary>
    public static string Csv(string folder) => Make(Path.Combine(folder, "flights-3m.csv"), "FORMAT csv, HEADER");

    /// <summary>The same rows as NDJSON, made once per folder.</summary>
    public static string Ndjson(string folder) => Make(Path.Combine(folder, "flights-3m.ndjson"), "FORMAT json");

    private static string Make(string file, string format)
    {
        if (!File.Exists(file))
        {
            using var connection = new DuckDBConnection("Data Source=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                $"COPY (SELECT * FROM read_parquet('{Parquet}')) TO '{file}.tmp' ({format}, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ')";
            command.ExecuteNonQuery();
            File.Move($"{file}.tmp", file);
        }

        return file;
    }
}
