using System.Diagnostics;
using System.Text.Json;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Our checkpoints, read by software that knows nothing of us.</summary>
public sealed class IndependentReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hyparquet_reads_our_table_from_its_checkpoint()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Root, "node_modules", "hyparquet")), "npm packages are not installed: ./dev test does it");
        await using var bed = new SqlBed();
        var options = Options.Create(new PlatformOptions { CheckpointCommits = 10 });
        var table = new DeltaTables(bed.Objects, TimeProvider.System, NullLoggerFactory.Instance, options).Get(SqlBed.Table);
        for (var i = 0; i < 13; i++)
        {
            var (columns, files) = await bed.WriteAsync($"SELECT {i}::BIGINT AS v, 'x' AS s FROM range(100)");
            var snapshot = await table.TryGetSnapshotAsync(null, Token);
            await table.CommitAsync(
                new TableChange
                {
                    Operation = "MERGE",
                    Columns = columns,
                    Add = [files[0] with { Tags = i == 9 ? new Dictionary<string, string?> { ["made"] = "ü" } : null }],
                    Remove = i % 4 == 3 ? [snapshot!.Files[0].Path] : [],
                    ReadVersion = snapshot?.Version ?? -1,
                    Transactions = new Dictionary<string, long> { [$"app {i % 2}"] = i },
                },
                Token);
            await table.UpkeepIdle;
        }

        for (var version = 0; version <= 10; version++)
            await bed.Objects.TryDeleteAsync(SqlBed.Table.Root.Append($"_delta_log/{version:D20}.json"), null, Token);
        var read = await ReadAsync(bed.Objects.TryGetLocalFile(SqlBed.Table.Root)!, "v");

        var own = await table.TryGetSnapshotAsync(null, Token);
        Assert.Equal((12, 10), (read.GetProperty("version").GetInt32(), read.GetProperty("checkpoint").GetInt32()));
        Assert.Equal(own!.Files.Count, read.GetProperty("files").GetInt32());
        Assert.Equal(own.Rows, read.GetProperty("rows").GetInt64());
        Assert.Equal(100 * (78 - 0 - 1 - 2), read.GetProperty("sum").GetInt64());
        Assert.Equal(own.TableId, read.GetProperty("id").GetString());
        Assert.Equal(3, read.GetProperty("removed").GetInt32());
        Assert.Equal("""{"app 0":12,"app 1":11}""", JsonSerializer.Serialize(JsonSerializer.Deserialize<SortedDictionary<string, int>>(read.GetProperty("txns"))));
        Assert.Contains("ü", read.GetProperty("tags").EnumerateArray().Select(tags => tags.ToString()).Single(tags => tags.Contains("made")));
    }

    private static async Task<JsonElement> ReadAsync(string table, string column)
    {
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "Judges", "read-delta.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, table, column])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var answer = node.StandardOutput.ReadToEndAsync(Token);
        var error = await node.StandardError.ReadToEndAsync(Token);
        await node.WaitForExitAsync(Token);
        Assert.True(node.ExitCode == 0, error);
        return JsonDocument.Parse(await answer).RootElement;
    }
}
