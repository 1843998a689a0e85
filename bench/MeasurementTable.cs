using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Bench;

/// <summary>Prints measurements for people and writes them for machines.</summary>
internal static class MeasurementTable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Print(IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine();
        Console.WriteLine($"{"name",-37}{"value",12}{"baseline",12}{"ratio",8}  better  baseline is");
        foreach (var m in measurements)
            Console.WriteLine($"{m.Name,-37}{m.Value,9:0.00} {m.Unit,-2}{m.Baseline,9:0.00} {m.Unit,-2}{m.Ratio,8:0.00}  {m.Better,-6}  {m.BaselineName}  {m.Note}");
    }

    public static async Task WriteAsync(string file, IReadOnlyList<Measurement> measurements)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
            Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(measurements.Select(m => m with { Machine = Machine.Name }), Json) + "\n");
    }
}
