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

    /// <summary>Every member that works on values and rows.</summary>
    private const string Full = """
        { "key": ["id"], "unique": true, "raw": "redacted", "onUnexpected": {"columns": "discard_value", "types": "evolve"},
          "fields": [ {"name": "id", "type": "int64", "required": true},
                      {"name": "email", "type": "string", "trim": true, "case": "lower", "nullTokens": ["n/a"], "pattern": "@", "pii": "hash"},
                      {"name": "phone", "type": "string", "pii": "mask"},
                      {"name": "placed", "type": "timestamp", "formats": ["dd.MM.yyyy HH:mm", "unix"], "timeZone": "Europe/Berlin", "max": "2027-01-01T00:00Z"},
                      {"name": "day", "type": "date", "formats": ["d/M/yyyy", "iso"], "min": "2026-01-01"},
                      {"name": "amount", "type": "decimal(10,2)", "nullTokens": ["-"], "default": 1},
                      {"name": "km", "type": "float64", "source": "miles", "expression": "value * 1.609344", "min": 0},
                      {"name": "code", "type": "string", "expression": "upper(trim(value))", "maxLength": 3},
                      {"name": "score", "type": "int32", "enum": [1, 5, 50]},
                      {"name": "product", "type": "decimal(10,2)", "expression": "amount * score"} ],
          "checks": [ {"name": "affordable", "condition": "amount <= 1000", "message": "Nobody pays that much."},
                      {"name": "paid", "condition": "amount > 0", "onFail": "discard_row"},
                      {"name": "known", "condition": "email IS NOT NULL", "onFail": "warn"} ] }
        """;

    private static readonly string Folder = FolderOf("planted-faults");

    [Fact]
    public async Task Every_broken_row_is_in_quarantine_and_every_good_one_is_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var receipt = await bed.PostAsync("things", await File.ReadAllBytesAsync(Path.Combine(Folder, "input.csv")));

        var quarantine = await bed.QuarantineAsync(receipt);
        await CompareAsync(Folder, "quarantine.ndjson", quarantine.Select(row => row.ToJsonString()));
        await CompareAsync(Folder, "loaded.txt", await bed.QueryAsync("things",
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

    [Fact]
    public async Task A_contract_with_every_member_gives_each_row_its_due()
    {
        var folder = FolderOf("planted-contract");
        await using var bed = new BatchBed(piiKey: "a key of tests that is long enough for anybody");
        await bed.DefineAsync("things", Full);
        var receipt = await bed.PostAsync("things", await File.ReadAllBytesAsync(Path.Combine(folder, "input.csv")));

        await CompareAsync(folder, "quarantine.ndjson", (await bed.QuarantineAsync(receipt)).Select(row => row.ToJsonString()));
        await CompareAsync(folder, "raw.ndjson", (await bed.ReadAsync(receipt.Raw!)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var columns = (await bed.SnapshotAsync("things")).Columns.Select(column => column.Name).Where(name => name is "_row" || name[0] != '_');
        await CompareAsync(folder, "loaded.txt",
            await bed.QueryAsync("things", $"SELECT {string.Join(", ", columns.Select(name => $"CAST({name} AS VARCHAR)"))} FROM t ORDER BY _row"));
        await CompareAsync(folder, "counts.txt",
            [$"{receipt.Received} {receipt.Loaded} {receipt.Quarantined} {receipt.Duplicate} {receipt.Discarded} known={receipt.Warnings?["known"]}"]);
        await bed.AssertBalancedAsync("things");
    }

    private static string FolderOf(string name) => Path.Combine(Repository.Root, "tests", "Platform", "Ingestion", "TestData", name);

    private static async Task CompareAsync(string folder, string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(folder, name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            await File.WriteAllLinesAsync(path, lines);
        Assert.Equal(await File.ReadAllLinesAsync(path), lines);
    }
}
