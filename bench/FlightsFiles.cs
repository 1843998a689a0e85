using System.Globalization;
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

    /// <summary>Codes and names of airports, with their states.</summary>
    public static string Airports { get; } = Path.Combine(Repository.Root, "node_modules", "vega-datasets", "data", "airports.csv");

    /// <summary>Flights with a number each, as Parquet: the sample again and again, each time half a year later, so that numbers and times
    /// go on. Numbers are given in the order of the sample.</summary>
    /// <param name="first">Number of the first one.</param>
    /// <param name="delay">Added to all delays, for rows that correct others.</param>
    public static void MakeNumbered(string file, long first, long rows, int delay = 0)
    {
        var parts = new List<string>();
        for (var lap = first / Rows; lap * Rows < first + rows; lap++)
        {
            var (from, upTo) = (Math.Max(first - (lap * Rows), 0), Math.Min(first + rows - (lap * Rows), Rows));
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"""
                SELECT {lap * Rows} + file_row_number AS id, date + to_days({lap * 181}) AS date, CAST(delay + {delay} AS INTEGER) AS delay, distance, origin, destination
                FROM read_parquet('{Parquet}', file_row_number => true) WHERE file_row_number >= {from} AND file_row_number < {upTo}
                """));
        }

        Copy(string.Join(" UNION ALL ", parts), file, "FORMAT parquet, COMPRESSION zstd");
    }

    /// <summary>Flights that come late: rows of the sample with times of some days from 2001-01-01 on, as many for each.</summary>
    public static void MakeLate(string file, long rows, int firstDay, int days) => Copy(
        string.Create(CultureInfo.InvariantCulture, $"""
            SELECT -file_row_number AS id, TIMESTAMP '2001-01-01' + to_days(({firstDay} + file_row_number % {days})::INTEGER) + (date - date_trunc('day', date)) AS date, delay, distance, origin, destination
            FROM read_parquet('{Parquet}', file_row_number => true) WHERE file_row_number < {rows}
            """),
        file,
        "FORMAT parquet, COMPRESSION zstd");

    private static string Make(string file, string format)
    {
        if (!File.Exists(file))
        {
            Copy($"SELECT * FROM read_parquet('{Parquet}')", $"{file}.tmp", $"{format}, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'");
            File.Move($"{file}.tmp", file);
        }

        return file;
    }

    private static void Copy(string select, string file, string format)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{file}' ({format})";
        command.ExecuteNonQuery();
    }
}
