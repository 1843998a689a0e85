using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The demo's documents and files, and rows like them.</summary>
internal static class Samples
{
    public static string AirportsCsv { get; } = DataFile("airports.csv");

    public static string FlightsParquet { get; } = DataFile("flights-3m.parquet");

    public static Task<string> DocumentAsync(string kind, string name) =>
        File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "flights", kind, $"{name}.json"));

    /// <summary>Flights as CSV; row i has delay i % 100 and goes from one of 26 airports.</summary>
    public static string FlightsCsv(int rows)
    {
        var csv = new StringBuilder("date,delay,distance,origin,destination\n", 48 * rows);
        for (var i = 0; i < rows; i++)
        {
            var letter = (char)('A' + (i % 26));
            csv.Append("2001-01-").Append((1 + (i % 28)).ToString("00")).Append("T10:00:00Z,").Append(i % 100).Append(",500,A")
                .Append(letter).Append(letter).Append(",JFK\n");
        }

        return csv.ToString();
    }

    private static string DataFile(string name) => Path.Combine(Repository.Root, "node_modules", "vega-datasets", "data", name);
}
