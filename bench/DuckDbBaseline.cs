using System.Diagnostics;
using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>
/// What ingestion is held against, with nothing checked: DuckDB reads the file on two threads and writes Parquet, <c>sha256sum</c> hashes
/// it, and a copy of it is made and synced.
/// </summary>
internal static class DuckDbBaseline
{
    public static string Version { get; } = ReadVersion();

    public static string Name { get; } = $"DuckDB {Version} + sha256sum + synced copy";

    public static Task<double> RunAsync(string file, string reader, string folder) => Stopwatches.SecondsAsync(async () =>
    {
        var output = Path.Combine(folder, "baseline.parquet");
        var copy = Path.Combine(folder, "baseline.copy");
        await Task.Run(() => Convert(file, reader, output));
        await ShellAsync("sha256sum", file);
        await ShellAsync("dd", $"if={file}", $"of={copy}", "bs=1M", "conv=fsync", "status=none");
        File.Delete(output);
        File.Delete(copy);
    });

    private static string ReadVersion()
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion.TrimStart('v');
    }

    private static void Convert(string file, string reader, string output)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET threads = 2; COPY (SELECT * FROM {reader}('{file}')) TO '{output}' (FORMAT parquet, COMPRESSION zstd)";
        command.ExecuteNonQuery();
    }

    private static async Task ShellAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with status {process.ExitCode}.");
    }
}
