using System.Diagnostics;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Reads tables with software that knows nothing of us.</summary>
internal static class DeltaJudge
{
    /// <param name="column">The column to sum.</param>
    /// <returns>What <c>Judges/read-delta.mjs</c> says of the table.</returns>
    public static async Task<JsonElement> ReadAsync(string table, string column)
    {
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "Judges", "read-delta.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, table, column])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var answer = node.StandardOutput.ReadToEndAsync();
        var error = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, error);
        return JsonDocument.Parse(await answer).RootElement;
    }
}
