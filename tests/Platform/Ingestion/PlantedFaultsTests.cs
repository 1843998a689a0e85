using System.Text.Json.Nodes;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion;

/// <summary>A file with planted faults and what must become of it. With the environment variable <c>UPDATE_GOLDEN=1</c> the expected
/// files are written anew: read the difference before keeping it.</summary>
public sealed class PlantedFaultsTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "when", "type": "timestamp", "required": true},
                      {"name": "code", "type": "string", "pattern": "^[A-Z]{3}$"}, {"name": "amount", "type": "decimal(8,2)", "min": 0},
                      {"name": "qty", "type": "int32", "max": 100}, {"name": "kind", "type": "string", "enum": ["red", "blue"]},
                      {"name": "note", "type": "string", "maxLength": 20}, {"name": "ok", "type": "bool"}, {"name": "day", "type": "date"} ] }
        """;

    private static readonly string Folder =
        Path.Combine(Repository.Root, "tests", "Platform", "Ingestion", "TestData", "planted-faults");

    [Fact]
    public async Task Every_broken_row_is_in_quarantine_and_every_good_one_is_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var receipt = await bed.PostAsync("things", await File.ReadAllBytesAsync(Path.Combine(Folder, "input.csv")));

        var quarantine = await bed.QuarantineAsync(receipt);
        await CompareAsync("quarantine.ndjson", quarantine.Select(row => row.ToJsonString()));
        await CompareAsync("loaded.txt", await bed.QueryAsync("things",
            """SELECT id, epoch_us("when"), code, amount, qty, kind, replace(note, chr(10), '\n'), ok, CAST(day AS VARCHAR), _row FROM t ORDER BY id"""));
        Assert.Equal((27, 7, 20), (receipt.Received, receipt.Loaded, receipt.Quarantined));
        Assert.Equal(27, quarantine.Select(row => (long)row["row"]!)
            .Concat((await bed.QueryAsync("things", "SELECT _row FROM t")).Select(long.Parse)).Distinct().Count());
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Each_quarantined_rows_text_stands_at_its_offset_and_line()
    {
        var body = await File.ReadAllBytesAsync(Path.Combine(Folder, "input.csv"));
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(Folder, "quarantine.ndjson")))
        {
            var row = JsonNode.Parse(line)!;
            var raw = row["rawBase64"] is { } bytes ? Convert.FromBase64String((string)bytes!) : System.Text.Encoding.UTF8.GetBytes((string)row["raw"]!);
            var offset = (int)row["offset"]!;
            Assert.Equal(raw, body.AsSpan(offset, raw.Length).ToArray());

            var before = System.Text.Encoding.Latin1.GetString(body, 0, offset).Replace("\r\n", "\n", StringComparison.Ordinal);
            Assert.Equal(before.Count(c => c is '\n' or '\r') + 1, (int)row["line"]!);
        }
    }

    private static async Task CompareAsync(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            await File.WriteAllLinesAsync(path, lines);
        Assert.Equal(await File.ReadAllLinesAsync(path), lines);
    }
}
