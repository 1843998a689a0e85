using System.Security.Cryptography;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Personal values are nowhere: not in tables, raw zone, quarantine, receipts or messages.</summary>
public sealed class PiiTests
{
    private const string Key = "a key of tests that is long enough for anybody";
    private const string Secret = "planted.secret@example.com";
    private const string Fields = """
        "fields": [ {"name": "id", "type": "int32", "required": true, "max": 100}, {"name": "email", "type": "string", "pii": "hash", "pattern": "@", "trim": true},
                    {"name": "phone", "type": "string", "pii": "mask"}, {"name": "note", "type": "json", "pii": "drop"}, {"name": "day", "type": "date", "pii": "drop"} ]
        """;

    public static TheoryData<string, string, string> Forms()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var raw in (string[])["redacted", "none"])
        {
            foreach (var unexpected in (string[])["quarantine", "freeze", "discard_row", "discard_value"])
            {
                foreach (var form in (string[])["csv", "csv-headless", "ndjson", "json", "parquet"])
                    data.Add(raw, unexpected, form);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_planted_secret_is_nowhere_in_the_store_nor_in_what_is_told(string raw, string unexpected, string form)
    {
        await using var bed = new BatchBed(piiKey: Key);
        await bed.DefineAsync("people", $$"""{ "raw": "{{raw}}", "onUnexpected": {"columns": "{{unexpected}}", "types": "evolve"}, {{Fields}} }""");
        var told = new StringBuilder();
        foreach (var (type, body) in Bodies(form))
        {
            try
            {
                var receipt = await bed.PostAsync("people", body, type);
                told.AppendLine(System.Text.Json.JsonSerializer.Serialize(receipt));
                foreach (var row in await bed.QuarantineAsync(receipt))
                    told.AppendLine(row.ToJsonString());
            }
            catch (TerminalException failure)
            {
                told.AppendLine($"{failure.Message} {failure.Target} {string.Join(' ', failure.Details)}");
            }
        }

        Assert.DoesNotContain("planted", told.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("01#79", told.ToString(), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(bed.StoreFolder, "*", SearchOption.AllDirectories))
            Assert.False(Holds(await File.ReadAllBytesAsync(file)), file);
        if (await bed.SnapshotOrNullAsync("people") is not null)
        {
            // Pages of data files are compressed: their values are asked for.
            foreach (var row in await bed.QueryAsync("people", "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM t"))
                Assert.False(Holds(Encoding.UTF8.GetBytes(row)), row);
        }
    }

    [Fact]
    public async Task Values_are_hashed_masked_or_dropped_and_the_raw_zone_reads_back_the_same()
    {
        await using var bed = new BatchBed(piiKey: Key);
        await bed.DefineAsync("people", $$"""{ "raw": "redacted", {{Fields}} }""");
        var receipt = await bed.PostAsync("people", $"id,email,phone,note,day\n1, {Secret} ,+49 (0)179-Ab,\"{{}}\",2026-01-01\n2,{Secret},,,\n300,{Secret},1,,\n");

        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes(Secret)));
        Assert.Equal([$"1|{hash}|+00 (0)000-xx|NULL|NULL", $"2|{hash}|NULL|NULL|NULL"], await bed.QueryAsync("people", "SELECT id, email, phone, note, day FROM t ORDER BY id"));
        var broken = Assert.Single(await bed.QuarantineAsync(receipt));
        Assert.Contains($"\"email\":\"{hash}\"", (string)broken["raw"]!, StringComparison.Ordinal);
        var lines = (await bed.ReadAsync(receipt.Raw!)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"id\":1,\"email\":", lines[0], StringComparison.Ordinal);
        Assert.Equal(64, receipt.Sha256!.Length);
    }

    [Fact]
    public async Task Without_a_key_contracts_with_hashes_are_refused_when_put_and_when_used()
    {
        await using var bed = new BatchBed();
        var contract = $$"""{ "raw": "none", {{Fields}} }""";
        await bed.DefineAsync("people", contract);

        var put = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ContractCheck>()
            .CheckAsync(DefinitionParser.Parse<DatasetDefinition>(Encoding.UTF8.GetBytes(contract), "people"), default));
        var used = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("people", "id\n1\n"));

        Assert.Equal(("PiiKeyMissing", "PiiKeyMissing"), (put.Code, used.Code));
        Assert.Contains("DataPlatform:PiiKey", put.Message, StringComparison.Ordinal);
    }

    /// <summary>Good rows, rows of every kind of damage, unknown fields, and values where other things are expected.</summary>
    private static IEnumerable<(string Type, byte[] Body)> Bodies(string form)
    {
        var text = form switch
        {
            "csv" => (string[])
            [
                $"id,email,phone,note,day\n1,{Secret},01#79 1,\"{{}}\",2026-01-01\n999,{Secret},01#79 1,{Secret},planted\nx,planted,01#79 1,,\n4,{Secret}\n5,\"{Secret}\n",
                $"id,Email\n1,{Secret}\n", $"id,email,email\n1,{Secret},a\n", $"id,\"{Secret}\n",
            ],
            "csv-headless" => [$"1,{Secret},01#79 1,,\n2,{Secret},01#79 2,,\n", $"{Secret},{Secret}\n1,2\n"],
            "ndjson" =>
            [
                $$"""
                {"id":1,"email":"{{Secret}}","phone":"01#79 1","note":{"a":"{{Secret}}" },"day":"2026-01-01"}
                {"id":999,"email":"{{Secret}}","note":"planted","day":"planted"}
                {"id":"x","email":["{{Secret}}"],"phone":{"planted":1} }
                {"id":2,"email":"{{Secret}}","other":"{{Secret}}"}
                {"id":3,"email":"{{Secret}}"
                {"id":4,"email":"{{Secret}}","email":"{{Secret}}"}
                {"id":5,"{{Secret}}":1}
                """,
            ],
            "json" => [$$"""[{"id":1,"email":"{{Secret}}"},{"id":999,"email":"{{Secret}}","Email":"{{Secret}}"},"{{Secret}}",{"id":3,"email":"pl\u0061nted"}]""", $$"""[{"email":"{{Secret}}" """],
            _ => [],
        };
        foreach (var body in text)
            yield return (form.StartsWith("csv", StringComparison.Ordinal) ? "text/csv" : form == "json" ? "application/json" : "application/x-ndjson", Encoding.UTF8.GetBytes(body));
        if (form == "parquet")
        {
            yield return ("application/vnd.apache.parquet", ParquetFiles.Texts(("id", ["1", "999", "x"]), ("email", [Secret, Secret, "planted"]), ("phone", ["01#79 1", "01#79 2", null]), ("day", ["planted", null, null])));
            yield return ("application/vnd.apache.parquet", ParquetFiles.Texts(("id", ["1"]), ("Email", [Secret])));
            yield return ("application/vnd.apache.parquet", ParquetFiles.Texts(("id", ["1"]), (Secret, [Secret])));
        }
    }

    private static bool Holds(byte[] content) =>
        content.AsSpan().IndexOf("planted"u8) >= 0 || content.AsSpan().IndexOf("01#79"u8) >= 0 || content.AsSpan().IndexOf(Encoding.Unicode.GetBytes("planted")) >= 0;
}
